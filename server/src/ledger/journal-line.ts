import { crc32 } from 'node:zlib';
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
/** Kinds by the codes of their letters. */
const kinds = new Map<number | undefined, JournalEntry['kind']>([
  [letters.started.codePointAt(0), 'started'],
  [letters.progress.codePointAt(0), 'progress'],
  [settledCode, 'settled'],
]);

/** A line: the CRC-32 of the rest in 8 hexadecimal digits, a space, a letter for the kind, JSON. */
export function formatLine(entry: JournalEntry): string {
  const payload = letters[entry.kind] + JSON.stringify(contentOf(entry));
  return `${crc32(payload).toString(16).padStart(8, '0')} ${payload}\n`;
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
export function settledValues(json: Buffer): string {
  const text = json.toString('utf8');
  if (text.startsWith('[')) return text;
  const row: LedgerRow = JSON.parse(text);
  return JSON.stringify(valuesOf(row));
}
