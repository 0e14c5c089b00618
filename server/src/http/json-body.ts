import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import { JsonThread } from './json-thread.ts';
import { parseJson } from './parse-json.ts';

/** A body of this size takes some milliseconds; one of the largest took a second, in which nobody's stream went on. */
const largeBytes = 256 * 1024;
const largeBodies = new JsonThread();

/**
 * Accepts request bodies of `application/json` in UTF-8 and no other; the size limit is Fastify's `bodyLimit`, which
 * holds while the body streams in. With `emptyAllowed`, no body at all is `undefined`.
 */
export function acceptJsonBodies(app: FastifyInstance, { emptyAllowed = false } = {}): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    /^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i,
    { parseAs: 'buffer' },
    (request, body, done) => {
      const encoding = request.headers['content-encoding'];
      if (encoding !== undefined && encoding !== 'identity') {
        done(new ApiError('unsupported_media_type', `Send the body without Content-Encoding: ${encoding}.`));
      } else if (body.length > largeBytes) {
        void readApart(body, done);
      } else {
        readNow(body, emptyAllowed, done);
      }
    },
  );
}

type Done = (error: Error | null, value?: unknown) => void;

async function readApart(body: Buffer, done: Done): Promise<void> {
  let value: unknown;
  try {
    value = await largeBodies.parse(body);
  } catch (error) {
    done(asError(error));
    return;
  }
  done(null, value);
}

function readNow(body: Buffer, emptyAllowed: boolean, done: Done): void {
  let value: unknown;
  try {
    value = emptyAllowed && body.length === 0 ? undefined : parseJson(body);
  } catch (error) {
    done(asError(error));
    return;
  }
  done(null, value);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the body parser threw no error', { cause: error });
}
