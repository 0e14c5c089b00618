import { crc32 } from 'node:zlib';
import { withRoom } from './room.ts';
import {
  ledgerColumns,
  type LedgerRow,
  namedValues,
  type Progress,
  type Started,
  startedColumns,
  valuesOf,
} from './row.ts';

/** What a line of the journal says: a request was started, has come so far, or is settled. */
export type JournalEntry =
  | { kind: 'started'; value: Started }
  | { kind: 'progress'; value: Progress }
  | { kind: 'settled'; value: LedgerRow };

/** The letters s, p and e in ASCII. */
const letters = { started: 0x73, progress: 0x70, settled: 0x65 } as const;
/** Where in a line the letter is. */
const letterAt = 9;
/** What the JSON of values begins with; that of a version before this one is an object. */
const arrayCode = '['.codePointAt(0);
const kinds = new Map<number | undefined, JournalEntry['kind']>([
  [letters.started, 'started'],
  [letters.progress, 'progress'],
  [letters.settled, 'settled'],
]);

/** Of a line, up to its JSON and behind it. */
const frameBytes = letterAt + 2;
const mostBytesPerCharacter = 3;
const hexadecimal = Buffer.from('0123456789abcdef');

/**
 * Lines on their way into the journal, as bytes. A line: the CRC-32 of the rest in 8 hexadecimal digits, a space, a letter for the
 * kind, JSON, a line end.
 */
export class LineBuffer {
  /** How many were added since they were last taken. */
  lines = 0;
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;

  add(entry: JournalEntry): void {
    const json = JSON.stringify(contentOf(entry));
    const room = frameBytes + json.length * mostBytesPerCharacter;
    const bytes = withRoom(this.#bytes, this.#length, room);
    this.#bytes = bytes;
    const start = this.#length + letterAt;
    // By itself: a text put together is written by a longer way.
    bytes[start] = letters[entry.kind];
    const end = start + 1 + bytes.write(json, start + 1);
    let rest = crc32(bytes.subarray(start, end));
    for (let at = start - 2; at >= this.#length; at -= 1) {
      bytes[at] = hexadecimal[rest & 15] ?? 0;
      rest >>>= 4;
    }
    bytes[start - 1] = 0x20;
    bytes[end] = 0x0a;
    this.#length = end + 1;
    this.lines += 1;
  }

  /** What was added; good until more is. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    this.lines = 0;
    return bytes;
  }
}

/** Columns of the table have their places instead of their names: less than half as long, and written in half the time. */
function contentOf({ kind, value }: JournalEntry): object {
  if (kind === 'settled') return valuesOf(value);
  return kind === 'started' ? startedColumns.map((column) => value[column]) : value;
}

/** Whether a line's bytes from an offset on claim to be a settlement: cheaper than `checkLine`, and no check. */
export function isSettlement(bytes: Uint8Array, from: number): boolean {
  return bytes[from + letterAt] === letters.settled;
}

/** The JSON of a line, without its end, and its kind; null when the line isn't whole. */
export function checkLine(line: Buffer): { kind: JournalEntry['kind']; json: Buffer } | null {
  const payload = line.subarray(letterAt);
  if (line[8] !== 0x20 || Number.parseInt(line.toString('latin1', 0, 8), 16) !== crc32(payload)) return null;
  const kind = kinds.get(payload[0]);
  return kind === undefined ? null : { kind, json: payload.subarray(1) };
}

/** Reads a line; null when it isn't whole. */
export function parseLine(line: Buffer): JournalEntry | null {
  const checked = checkLine(line);
  if (checked === null) return null;
  const { kind, json } = checked;
  const content = JSON.parse(json.toString('utf8'));
  const columns = kind === 'started' ? startedColumns : ledgerColumns;
  // Where the columns have names, a version before this one has left the journal.
  const entry: JournalEntry = {
    kind,
    value: Array.isArray(content) ? namedValues(columns, content) : content,
  };
  return entry;
}

/** JSON of a settlement's values, from that of its line. */
export function settledValues(json: Buffer): Buffer {
  if (json[0] === arrayCode) return json;
  const row: LedgerRow = JSON.parse(json.toString('utf8'));
  return Buffer.from(JSON.stringify(valuesOf(row)));
}
