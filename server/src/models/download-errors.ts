import { formatBytes } from './progress.ts';

/** A download that no further attempt at the same source can mend. The message says what to do. */
export class DownloadError extends Error {
  override readonly name: string = 'DownloadError';
}

/** The bytes that arrived are not the promised ones; they have been deleted. */
export class VerificationError extends DownloadError {
  override readonly name = 'VerificationError';
}

/** The source wants an account: its answer was 401 or 403. */
export class AccessError extends DownloadError {
  override readonly name = 'AccessError';
}

/** There is no room for the file. What was fetched stays, so that a later call goes on from there. */
export class DiskFullError extends DownloadError {
  override readonly name = 'DiskFullError';

  /** `reserveBytes`: what must stay free beside the file. */
  constructor(directory: string, neededBytes: number, freeBytes: number, reserveBytes = 0) {
    const reserve = reserveBytes > 0 ? `, with ${formatBytes(reserveBytes)} left over for the database` : '';
    super(
      `The disk of ${directory} is too full: ${formatBytes(neededBytes)} (${neededBytes} bytes) more are needed${reserve}, and ` +
        `${formatBytes(freeBytes)} (${freeBytes} bytes) are free. ` +
        `Make room, or set WEAI_DATA_DIR to a directory on another disk, and start it again: it goes on from where it stopped.`,
    );
  }
}

/** Code of a system error, as in `ENOENT`; null for any other error. */
export function systemErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
