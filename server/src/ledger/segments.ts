import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { withRoom } from './room.ts';

/** So much is read, and then looked through, at a time: under a millisecond's work. */
const readBytes = 128 * 1024;

/** A file of the journal; a higher number is younger. */
export interface Segment {
  number: number;
  path: string;
  bytes: number;
}

/** Where a data directory's journal is. */
export function journalDirectory(dataDir: string): string {
  return join(dataDir, 'journal');
}

/** Path of a segment. */
export function segmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(10, '0')}.journal`);
}

/** The segments of a journal, oldest first; the directory is made where there is none. */
export async function listSegments(directory: string): Promise<Segment[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = (await readdir(directory)).filter((name) => /^\d{10}\.journal$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { number: Number.parseInt(name, 10), path, bytes: (await stat(path)).size };
    }),
  );
}

/** Some lines of a file, each without its end. */
export interface FileLines {
  lines: FileLine[];
  /** The offset behind all of them, unwanted ones too. */
  end: number;
}

/** A line, as a part of what was read, and the offset behind it. */
interface FileLine {
  bytes: Buffer;
  end: number;
}

/**
 * The lines of a segment from an offset up to `limit`, as many at a time as one read gives, in a turn of the event loop of their own.
 * Their bytes are good until the next are asked for. What has no line end is left out: it is still being written, or was torn by a
 * crash. Reads wait for the kernel, which has what was written a moment ago: another thread would take longer to wake.
 * @param isWanted looks at a line's bytes from an offset on; other lines are passed over.
 */
export async function* readLines(
  path: string,
  start: number,
  limit: number,
  isWanted: (bytes: Buffer, from: number) => boolean = () => true,
): AsyncGenerator<FileLines> {
  if (limit <= start) return;
  const file = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, limit - start));
    /** Where in the file the buffer's bytes begin, and how many it has. */
    let offset = start;
    let length = 0;
    while (offset + length < limit) {
      if (length === buffer.length) buffer = withRoom(buffer, length, readBytes);
      const most = Math.min(buffer.length - length, limit - offset - length);
      const read = readSync(file, buffer, length, most, offset + length);
      if (read === 0) return;
      length += read;
      const bytes = buffer.subarray(0, length);
      const lines: FileLine[] = [];
      let from = 0;
      for (let newline = bytes.indexOf(0x0a); newline !== -1; newline = bytes.indexOf(0x0a, from)) {
        const end = newline + 1;
        if (isWanted(bytes, from)) lines.push({ bytes: bytes.subarray(from, newline), end: offset + end });
        from = end;
      }
      offset += from;
      yield { lines, end: offset };
      buffer.copyWithin(0, from, length);
      length -= from;
      await nextTurn();
    }
  } finally {
    closeSync(file);
  }
}
