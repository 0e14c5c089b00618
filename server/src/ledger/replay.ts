import { type JournalEntry, parseLine } from './journal-line.ts';
import type { Progress, Started } from './row.ts';
import { readLines, type Segment } from './segments.ts';

/** What a journal says at its end. */
export interface Replay {
  /** Started and not settled. */
  open: Map<string, { started: Started; progress: Progress | null }>;
  settled: number;
  /** Lines in the middle of a segment whose checksum is wrong; torn ends are none. */
  broken: { path: string; offset: number }[];
}

/** Reads segments from the oldest to the youngest; `onEntry` sees every entry. */
export async function replay(
  segments: readonly Segment[],
  onEntry: (entry: JournalEntry) => void = () => undefined,
): Promise<Replay> {
  const result: Replay = { open: new Map(), settled: 0, broken: [] };
  // A request that was carried over into the next segment may have been settled in a line before.
  const settled = new Set<string>();
  for (const segment of segments) {
    for await (const { lines } of readLines(segment.path, 0, segment.bytes)) {
      for (const { bytes, end } of lines) {
        const entry = parseLine(bytes);
        if (entry === null) {
          result.broken.push({ path: segment.path, offset: end - bytes.length - 1 });
          continue;
        }
        apply(result, settled, entry);
        onEntry(entry);
      }
    }
  }
  return result;
}

function apply(result: Replay, settled: Set<string>, entry: JournalEntry): void {
  const { open } = result;
  const { id } = entry.value;
  if (entry.kind === 'settled') {
    open.delete(id);
    settled.add(id);
    result.settled += 1;
  } else if (settled.has(id)) {
    return;
  } else if (entry.kind === 'started') {
    const known = open.get(id);
    if (known === undefined) open.set(id, { started: entry.value, progress: null });
  } else {
    const known = open.get(id);
    if (known !== undefined) known.progress = entry.value;
  }
}
