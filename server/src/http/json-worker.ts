import { parentPort } from 'node:worker_threads';
import { ApiError } from '@weai/protocol/errors';
import type { Job, JobResult } from './json-thread.ts';
import { parseJson } from './parse-json.ts';

/** The thread of `JsonThread`. */

const port = parentPort;
if (port === null) throw new Error('json-worker.ts runs as a worker thread');
port.on('message', (job: Job) => port.postMessage(resultOf(job)));

function resultOf({ id, bytes }: Job): JobResult {
  try {
    return { id, value: parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { id, refusal: { code: error.code, message: error.message, param: error.param } };
  }
}
