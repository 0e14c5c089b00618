import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { AccessError, DownloadError, errorMessage } from './download-errors.ts';
import { discard, type FetchedResponse, get } from './fetching.ts';
import { PartFile, type PartFileSystem, type Validators } from './part-file.ts';
import { type ProgressListener, SpeedMeter } from './progress.ts';

export interface DownloadOptions {
  url: string;
  /** The file has this name only once it is verified. Its directory must exist. */
  destination: string;
  /** Null where nothing is known beforehand; then the server's own length is checked. */
  sizeBytes: number | null;
  sha256: string | null;
  dispatcher: Dispatcher;
  authorization?: string | null;
  signal?: AbortSignal | undefined;
  onProgress?: ProgressListener | undefined;
  /** Attempts in a row without a new byte before giving up, and the first pause between them, which doubles. */
  retry?: { attempts: number; firstDelayMs: number };
  fileSystem?: PartFileSystem;
}

const nothingKnown: Validators = { etag: null, lastModified: null, totalBytes: null };

/** How often a server may change the file under the download, which then starts over. */
const maximumLosses = 3;

/** An attempt failed in a way that the next one may not. */
class PassingError extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0, cause?: unknown) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Downloads one file: goes on from an earlier part, tries again with back-off when the server fails or the connection
 * is cut, verifies size and SHA-256, then renames. Throws DownloadError with a sentence for the user; an abort throws
 * the signal's reason. In both cases but a failed verification the part stays for the next call.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { attempts, firstDelayMs } = options.retry ?? { attempts: 6, firstDelayMs: 500 };
  const part = await PartFile.open(options.destination, options.fileSystem);
  let open = true;
  try {
    const meter = new SpeedMeter();
    const report = (): void => {
      const totalBytes = part.validators?.totalBytes ?? options.sizeBytes;
      options.onProgress?.({
        bytes: part.bytes,
        totalBytes,
        bytesPerSecond: meter.measure(part.bytes, performance.now()),
      });
    };
    let failures = 0;
    while (!isComplete(part)) {
      const bytesBefore = part.bytes;
      try {
        await attempt(part, options, report);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof PassingError)) throw error;
        failures = part.bytes > bytesBefore ? 1 : failures + 1;
        if (failures >= attempts || part.losses > maximumLosses) {
          throw new DownloadError(
            `${error.message} Several attempts failed; start it again later: it goes on from where it stopped.`,
            { cause: error },
          );
        }
        const delayMs = Math.min(30_000, firstDelayMs * 2 ** (failures - 1));
        await sleep(Math.max(delayMs, error.retryAfterMs), undefined, { signal: options.signal });
      }
    }
    report();
    open = false;
    await part.finish(options);
  } finally {
    if (open) await part.close();
  }
}

function isComplete(part: PartFile): boolean {
  return part.validators !== null && part.validators.totalBytes === part.bytes;
}

async function attempt(part: PartFile, options: DownloadOptions, report: () => void): Promise<void> {
  const fetched = await passNetworkErrors(
    get(options.url, {
      dispatcher: options.dispatcher,
      headers: rangeHeaders(part),
      authorization: options.authorization ?? null,
      signal: options.signal,
    }),
  );
  const { headers, statusCode } = fetched.response;
  if (statusCode !== 200 && statusCode !== 206) {
    discard(fetched.response);
    if (statusCode === 416) return restartAfterBadRange(part);
    throw statusError(fetched);
  }
  const offered = validatorsOf(fetched.response);
  if (statusCode === 206) {
    const contentRange = String(headers['content-range'] ?? '');
    if (!continues(contentRange, part)) {
      discard(fetched.response);
      await part.restart(nothingKnown);
      throw new DownloadError(
        `${fetched.url.host} answered with another range than was asked for (“${contentRange.slice(0, 80)}”).`,
      );
    }
    if (part.validators?.etag && offered.etag && part.validators.etag !== offered.etag) {
      discard(fetched.response);
      await part.restart(nothingKnown);
      throw new PassingError(`The file at ${fetched.url.host} changed during the download.`);
    }
  } else {
    if (
      options.sizeBytes !== null &&
      offered.totalBytes !== null &&
      offered.totalBytes !== options.sizeBytes
    ) {
      discard(fetched.response);
      throw new DownloadError(
        `The file at ${fetched.url.host} has ${offered.totalBytes} bytes instead of ${options.sizeBytes}: it is not the right one.`,
      );
    }
    await part.restart({ ...offered, totalBytes: offered.totalBytes ?? options.sizeBytes });
  }
  await receive(part, fetched, report);
}

async function receive(
  part: PartFile,
  { response, url }: FetchedResponse,
  report: () => void,
): Promise<void> {
  const totalBytes = part.validators?.totalBytes ?? null;
  try {
    if (totalBytes !== null) await part.checkRoom(totalBytes);
    report();
    // Reading and writing alternate, so a slow disk holds the network back instead of filling the memory.
    const chunks = (response.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    for (;;) {
      const next = await passNetworkErrors(chunks.next());
      if (next.done === true) break;
      if (totalBytes !== null && part.bytes + next.value.length > totalBytes) {
        throw new DownloadError(`${url.host} sends more than the ${totalBytes} bytes that it announced.`);
      }
      await part.append(next.value, totalBytes);
      report();
    }
  } finally {
    discard(response);
  }
  if (totalBytes === null) {
    // No length was announced: the end of the body is the end of the file, and only the hash can tell if it is whole.
    part.announceEnd();
  } else if (part.bytes < totalBytes) {
    throw new PassingError(`${url.host} cut the connection after ${part.bytes} of ${totalBytes} bytes.`);
  }
}

/** RFC 9110, 14.2 and 13.1.5: the rest of the file, if it is still the same one. */
function rangeHeaders(part: PartFile): Record<string, string> {
  if (part.bytes === 0 || part.validators === null) return {};
  const condition = part.validators.etag ?? part.validators.lastModified;
  return { range: `bytes=${part.bytes}-`, ...(condition === null ? {} : { 'if-range': condition }) };
}

function validatorsOf(response: Dispatcher.ResponseData): Validators {
  const etag = response.headers['etag'];
  const lastModified = response.headers['last-modified'];
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  return {
    etag: typeof etag === 'string' && etag.startsWith('"') ? etag : null,
    lastModified: typeof lastModified === 'string' ? lastModified : null,
    totalBytes: Number.isSafeInteger(length) ? length : null,
  };
}

function continues(contentRange: string, part: PartFile): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(contentRange) ?? [];
  const known = part.validators?.totalBytes ?? null;
  return (
    part.bytes > 0 &&
    Number(start) === part.bytes &&
    (total === '*' || known === null || Number(total) === known)
  );
}

async function restartAfterBadRange(part: PartFile): Promise<void> {
  const hadBytes = part.bytes;
  await part.restart(nothingKnown);
  throw new PassingError(`The server has no bytes after ${hadBytes}; the file changed during the download.`);
}

function statusError({ response, url }: FetchedResponse): Error {
  const { statusCode } = response;
  const said = `${url.host} answered ${statusCode}`;
  if (statusCode === 401 || statusCode === 403) return new AccessError(`${said}: access is refused.`);
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500) {
    const seconds = Number(response.headers['retry-after'] ?? 0);
    return new PassingError(
      `${said}.`,
      Number.isFinite(seconds) ? Math.min(60, Math.max(0, seconds)) * 1000 : 0,
    );
  }
  return new DownloadError(`${said} for ${url.pathname}.`);
}

async function passNetworkErrors<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    throw new PassingError(`The connection failed (${errorMessage(error)}).`, 0, error);
  }
}
