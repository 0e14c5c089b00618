import { appendFileSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Journal, JournalOptions, OpenRequest } from './journal.ts';
import { replay } from './replay.ts';
import { listSegments } from './segments.ts';
import { openJournal, settled, started, temporaryDirectory } from './testing.ts';

const closing: Journal[] = [];
afterEach(() => {
  for (const journal of closing.splice(0)) journal.close();
});

async function open(directory: string, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal(directory, options);
  closing.push(journal);
  return journal;
}

const counts = { promptTokens: 9, cachedTokens: 0, completionTokens: 3, reasoningTokens: 0 };
const progress = { deployment: 'd', machine_price: 0, engine_seconds: 1, after_ms: 5, counts };

describe('a journal', () => {
  test('has an entry in its file when the promise resolves, and tells what was left open', async () => {
    const directory = temporaryDirectory();
    const journal = await open(directory);
    const [first, second] = [started(), started()];
    const [placeOfFirst, placeOfSecond] = await Promise.all([journal.start(first), journal.start(second)]);
    journal.progress(placeOfSecond, { id: second.id, ...progress });
    await journal.settle(placeOfFirst, settled(first));
    await sleep(100);
    const { open: left, settled: count, broken } = await replay(await listSegments(directory));
    expect([...left.values()]).toEqual([{ started: second, progress: { id: second.id, ...progress } }]);
    expect([count, broken]).toEqual([1, []]);
  });

  test('writes once for each eight that are appended in one turn, once for what is left, and at once what is alone', async () => {
    let writes = 0;
    const journal = await open(temporaryDirectory(), {
      write: (file, bytes) => {
        writes += 1;
        return writeSync(file, bytes);
      },
    });
    await Promise.all(Array.from({ length: 66 }, async () => journal.start(started())));
    expect(writes).toBe(1 + 8 + 1);
  });

  test('notes the latest progress alone, and none of a request that has ended', async () => {
    const written: string[] = [];
    const journal = await open(temporaryDirectory(), {
      write: (file, bytes) => {
        written.push(bytes.toString('utf8'));
        return writeSync(file, bytes);
      },
    });
    const [short, long] = [started(), started()];
    const places = await Promise.all([journal.start(short), journal.start(long)]);
    for (const place of places) journal.progress(place, { id: place.value.started.id, ...progress });
    journal.progress(places[1], { id: long.id, ...progress, after_ms: 6 });
    await journal.settle(places[0], settled(short));
    await sleep(100);
    const lines = written
      .join('')
      .split('\n')
      .map((line) => line.slice(9));
    expect(lines.filter((line) => line.startsWith('p'))).toEqual([
      `p${JSON.stringify({ id: long.id, ...progress, after_ms: 6 })}`,
    ]);
  });

  test('carries open requests over into the next segment, so that old ones can go', async () => {
    const directory = temporaryDirectory();
    const journal = await open(directory);
    const long = started();
    journal.progress(await journal.start(long), { id: long.id, ...progress });
    await sleep(5);
    journal.rotate();
    await journal.start(started());
    const [old] = journal.segments;
    if (old) journal.remove(old);
    const { open: left } = await replay(await listSegments(directory));
    expect(left.get(long.id)).toEqual({ started: long, progress: { id: long.id, ...progress } });
  });

  test('survives a torn last line at any byte', async () => {
    const directory = temporaryDirectory();
    const journal = await open(directory);
    const [kept, torn] = [started(), started()];
    await journal.settle(await journal.start(kept), settled(kept));
    await journal.start(torn);
    const path = journal.segments.at(-1)?.path ?? '';
    const whole = readFileSync(path);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let end = lastLine; end < whole.length; end += 7) {
      writeFileSync(path, whole);
      truncateSync(path, end);
      const after = await replay(await listSegments(directory));
      expect([after.settled, after.open.size, after.broken], `cut at ${end}`).toEqual([1, 0, []]);
    }
  });

  test('finds a line whose bytes were changed', async () => {
    const directory = temporaryDirectory();
    const journal = await open(directory);
    await journal.start(started());
    appendFileSync(journal.segments.at(-1)?.path ?? '', '00000000 s{"id":"forged"}\n');
    const { open: left, broken } = await replay(await listSegments(directory));
    expect(left.has('forged')).toBe(false);
    expect(broken).toHaveLength(1);
  });

  test('refuses requests when it is full, and takes settlements still', async () => {
    const journal = await open(temporaryDirectory(), { maxBytes: 20_000 });
    const taken: OpenRequest[] = [];
    const fill = async (): Promise<void> => {
      for (;;) {
        taken.push(await journal.start(started()));
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'ledger_unavailable', status: 503 });
    expect(journal.problem).toContain('full');
    for (const place of taken) await journal.settle(place, settled(place.value.started));
    expect(journal.bytes).toBeLessThan(20_000);
  });

  test('on a full disk refuses requests, keeps settlements and writes them whole once there is room', async () => {
    const directory = temporaryDirectory();
    let full = false;
    const journal = await open(directory, {
      write: (file, bytes) => {
        if (!full) return writeSync(file, bytes);
        // A full disk takes a part first.
        if (bytes.length > 20) return writeSync(file, bytes.subarray(0, 20));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    });
    const request = started();
    const place = await journal.start(request);
    full = true;
    let done = false;
    const settling = (async () => {
      await journal.settle(place, settled(request));
      done = true;
    })();
    await sleep(20);
    await expect(async () => journal.start(started())).rejects.toMatchObject({
      code: 'ledger_unavailable',
    });
    expect([done, journal.problem]).toEqual([false, expect.stringContaining('no space left')]);
    full = false;
    await settling;
    const { settled: count, open: left, broken } = await replay(await listSegments(directory));
    expect([count, left.size, broken, journal.problem]).toEqual([1, 0, [], null]);
  });
});
