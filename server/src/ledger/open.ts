import type { Database } from '../db/open.ts';
import type { Logger } from '../log.ts';
import { DeliveryThread } from './delivery-thread.ts';
import { Journal } from './journal.ts';
import { replay } from './replay.ts';
import { interruptedRow } from './row.ts';
import { journalDirectory, listSegments } from './segments.ts';
import { Shipper } from './shipper.ts';

/** The journal of this process and what ships it. */
export interface OpenLedger {
  journal: Journal;
  shipper: Shipper;
  /** What an operator should know; empty when all is well. */
  problems(): string[];
  /** Ships what the database takes, and closes the journal. */
  close(): Promise<void>;
}

/**
 * Opens the journal of a data directory after the process before, however it ended: what has no settlement becomes
 * `interrupted` with its last known counts, and all is brought into the table before this returns where the database takes it.
 */
export async function openLedger(
  config: { dataDir: string; journalMaxBytes: number },
  database: Pick<Database, 'background'>,
  log: Logger,
): Promise<OpenLedger> {
  const directory = journalDirectory(config.dataDir);
  const segments = await listSegments(directory);
  const { open, broken } = await replay(segments);
  for (const line of broken) log.error(line, 'a line of the journal is damaged');
  const journal = new Journal({ directory, log, maxBytes: config.journalMaxBytes }, segments);
  const now = new Date();
  await Promise.all(
    [...open.values()].map(({ started, progress }) =>
      journal.settle(null, interruptedRow(started, progress, now)),
    ),
  );
  if (open.size > 0) log.warn({ requests: open.size }, 'requests were interrupted by the end of the server');
  const delivery = new DeliveryThread({ directory, background: database.background }, log);
  const shipper = new Shipper({ journal, delivery, log });
  try {
    await shipper.ship();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ reason }, 'the ledger waits in the journal');
  }
  shipper.start();
  return {
    journal,
    shipper,
    problems: () => [journal.problem, shipper.problem].filter((problem) => problem !== null),
    close: async () => {
      await shipper.stop();
      await delivery.close();
      journal.close();
    },
  };
}
