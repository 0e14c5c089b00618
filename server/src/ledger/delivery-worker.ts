import { parentPort, workerData } from 'node:worker_threads';
import { openBackground } from '../db/background.ts';
import { Delivery, type SegmentRange } from './delivery.ts';
import type { DeliveryMessage, DeliveryThreadData } from './delivery-thread.ts';

/** The thread of `DeliveryThread`. */

const port = parentPort;
if (port === null) throw new Error('delivery-worker.ts runs as a worker thread');
const { directory, background }: DeliveryThreadData = workerData;
const tell = (message: DeliveryMessage) => port.postMessage(message);
const kysely = openBackground(background, (trouble) => tell({ trouble }));
const delivery = new Delivery({ kysely, directory });

port.on('message', (range: SegmentRange | null) => void take(range));

/** @param range null to end. */
async function take(range: SegmentRange | null): Promise<void> {
  if (range !== null) {
    tell({ delivered: await delivery.deliver(range) });
    return;
  }
  await kysely.destroy();
  port?.close();
}
