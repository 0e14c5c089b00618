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

const letters = { started: 's', progress: 'p', settled: 'e' } as const;
/** Where in a line the letter is. */
const letterAt = 9;
const settledCode = letters.settled.codePointAt(0);
/** What the JSON of values begins with; that of a version before this one is an object. */
const arrayCode = '['.codePointAt(0);
/** Kinds by the codes of their letters. */
const kinds = new Map<number | undefined, JournalEntry['kind']>([
  [letters.started.codePointAt(0), 'started'],
  [letters.progress.codePointAt(0), 'progress'],
  [settledCode, 'settled'],
]);

/** Of a line, before the letter and behind its JSON. */
const frameBytes = letterAt + 1;
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
    const payload = letters[entry.kind] + JSON.stringify(contentOf(entry));
    const room = frameBytes + payload.length * mostBytesPerCharacter;
    const bytes = withRoom(this.#bytes, this.#length, room);
    this.#bytes = bytes;
    const start = this.#length + letterAt;
    const end = start + bytes.write(payload, start);
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
  return bytes[from + letterAt] === settledCode;
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
