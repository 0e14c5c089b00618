import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finished, GenerationRequest } from './request.ts';
import { Scheduler } from './scheduler.ts';
import { expectedAnswer, ScriptedBackend } from './scripted-backend.testing.ts';

function request(
  id: number,
  prompt: number[],
  changes: Partial<GenerationRequest> = {},
  maxTokens = 12,
): GenerationRequest {
  return {
    id,
    scope: 'project-a',
    prompt: Int32Array.from(prompt),
    sampling: {
      temperature: 0,
      topP: 1,
      topK: 0,
      minP: 0,
      frequencyPenalty: 0,
      presencePenalty: 0,
      repetitionPenalty: 1,
      logitBias: [],
      seed: 1,
      maxTokens,
      grammar: null,
    },
    stopTokens: [],
    ignoreEnd: false,
    topLogprobs: null,
    ...changes,
  };
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

class Run {
  readonly answers = new Map<number, number[]>();
  readonly finished = new Map<number, Finished>();
  readonly scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  step(): void {
    const { tokens, finished } = this.scheduler.step();
    for (const { id, token } of tokens) this.answers.set(id, [...(this.answers.get(id) ?? []), token]);
    for (const entry of finished) this.finished.set(entry.id, entry);
  }

  toEnd(): this {
    for (let steps = 0; this.scheduler.busy; steps += 1) {
      if (steps > 5000) throw new Error('the scheduler makes no progress');
      this.step();
    }
    return this;
  }
}

describe('Scheduler', () => {
  test('answers one request as the model alone would', () => {
    const prompt = range(100, 20);
    const run = new Run(new Scheduler(new ScriptedBackend(), 4));
    run.scheduler.submit(request(1, prompt));
    run.toEnd();
    expect(run.answers.get(1) ?? []).toEqual(expectedAnswer(prompt, 12));
  });

  test('computes a prefix that arrives cold with sixteen requests once', () => {
    const backend = new ScriptedBackend({ sequences: 32, batchTokens: 512 });
    const run = new Run(new Scheduler(backend, 16));
    const system = range(1000, 1000);
    const prompts = range(0, 16).map((index) => [...system, 5000 + index, 6000 + index]);
    for (const [id, prompt] of prompts.entries()) run.scheduler.submit(request(id, prompt, {}, 4));
    run.toEnd();
    for (const [id, prompt] of prompts.entries())
      expect(run.answers.get(id) ?? []).toEqual(expectedAnswer(prompt, 4));
    expect(backend.computedTokens).toBeLessThan(1000 + 16 * (2 + 4) + 1);
    expect([...run.finished.values()].filter((entry) => entry.cachedTokens >= 1000)).toHaveLength(15);
  });

  test('takes a second turn up where the first ended', () => {
    const backend = new ScriptedBackend();
    const run = new Run(new Scheduler(backend, 4));
    const first = range(100, 40);
    run.scheduler.submit(request(1, first));
    run.toEnd();
    const second = [...first, ...(run.answers.get(1) ?? []), 777, 778];
    const before = backend.computedTokens;
    run.scheduler.submit(request(2, second, {}, 1));
    run.toEnd();
    expect(backend.computedTokens - before).toBeLessThanOrEqual(4);
    expect(run.finished.get(2)?.cachedTokens).toBeGreaterThanOrEqual(40);
  });

  test('never shares a prefix between projects', () => {
    const run = new Run(new Scheduler(new ScriptedBackend(), 4));
    run.scheduler.submit(request(1, range(100, 40)));
    run.toEnd();
    run.scheduler.submit(request(2, range(100, 40), { scope: 'project-b' }));
    run.toEnd();
    expect(run.finished.get(2)?.cachedTokens).toBe(0);
  });

  test('ends at a stop token of the request', () => {
    const prompt = range(100, 20);
    const answer = expectedAnswer(prompt, 12);
    const run = new Run(new Scheduler(new ScriptedBackend(), 4));
    run.scheduler.submit(request(1, prompt, { stopTokens: answer.slice(2, 3) }));
    run.toEnd();
    expect(run.answers.get(1)).toEqual(answer.slice(0, answer.indexOf(answer[2] ?? -1)));
    expect(run.finished.get(1)?.cause).toBe('end');
  });

  test('a long prompt leaves running streams their token in every step', () => {
    const backend = new ScriptedBackend({ batchTokens: 512 });
    const run = new Run(new Scheduler(backend, 8));
    for (const id of range(1, 4))
      run.scheduler.submit(request(id, range(id * 1000, 10), { ignoreEnd: true }, 200));
    for (let steps = 0; steps < 20; steps += 1) run.step();
    run.scheduler.submit(request(9, range(20_000, 3000)));
    const before = backend.batches.length;
    for (let steps = 0; steps < 30; steps += 1) run.step();
    for (const batch of backend.batches.slice(before)) {
      expect(batch.filter((added) => added.wantsLogits).length).toBeGreaterThanOrEqual(4);
      // 14 ms a step without prompts, one millisecond a token: at most 2.4 steps' time.
      expect(batch.length).toBeLessThanOrEqual(4 + 22);
    }
  });

  test('cancelling frees the sequence before the next token and keeps the others right', () => {
    const backend = new ScriptedBackend();
    const run = new Run(new Scheduler(backend, 4));
    run.scheduler.submit(request(1, range(100, 10), { ignoreEnd: true }, 100));
    run.scheduler.submit(request(2, range(300, 10)));
    run.step();
    run.step();
    const used = run.scheduler.cancel(1);
    expect(used?.generatedTokens).toBeGreaterThan(0);
    expect(run.scheduler.running).toBe(1);
    const shown = run.answers.get(1)?.length;
    run.toEnd();
    expect(run.answers.get(1)?.length).toBe(shown);
    expect(run.answers.get(2) ?? []).toEqual(expectedAnswer(range(300, 10), 12));
    expect(backend.liveSamplers).toBe(0);
  });

  test('a donor that is cancelled does not leave those who wait for it waiting', () => {
    const run = new Run(new Scheduler(new ScriptedBackend({ batchTokens: 32 }), 4));
    const system = range(1000, 300);
    run.scheduler.submit(request(1, [...system, 1]));
    run.scheduler.submit(request(2, [...system, 2]));
    run.step();
    expect(run.scheduler.queued).toBe(1);
    run.scheduler.cancel(1);
    run.toEnd();
    expect(run.answers.get(2) ?? []).toEqual(expectedAnswer([...system, 2], 12));
  });

  test('gives up the least recently used prefix when the memory is full', () => {
    const backend = new ScriptedBackend({ cells: 300, sequences: 8 });
    const run = new Run(new Scheduler(backend, 2));
    for (const id of range(1, 6)) {
      run.scheduler.submit(request(id, range(id * 1000, 80)));
      run.toEnd();
      expect(run.answers.get(id) ?? []).toEqual(expectedAnswer(range(id * 1000, 80), 12));
    }
    run.scheduler.submit(request(10, range(6000, 80)));
    run.toEnd();
    expect(run.finished.get(10)?.cachedTokens).toBe(79);
    run.scheduler.submit(request(11, range(1000, 80)));
    run.toEnd();
    expect(run.finished.get(11)?.cachedTokens).toBe(0);
  });

  test('remembers no more than it is told to', () => {
    const backend = new ScriptedBackend({ rememberedCells: 200 });
    const run = new Run(new Scheduler(backend, 2));
    for (const id of range(1, 6)) {
      run.scheduler.submit(request(id, range(id * 1000, 80), {}, 5));
      run.toEnd();
    }
    expect(backend.cells - run.scheduler.freeCells).toBeLessThanOrEqual(200);
    run.scheduler.submit(request(10, range(6000, 80), {}, 5));
    run.toEnd();
    expect(run.finished.get(10)?.cachedTokens).toBe(79);
  });

  test('what is no longer in memory comes back from the archive, within a project only', () => {
    const backend = new ScriptedBackend({ rememberedCells: 50, archiveBytes: 1000 });
    const run = new Run(new Scheduler(backend, 2));
    for (const id of range(1, 4)) {
      run.scheduler.submit(request(id, range(id * 1000, 80), {}, 5));
      run.toEnd();
    }
    expect(backend.cells - run.scheduler.freeCells).toBeLessThanOrEqual(50);
    const second = [...range(1000, 80), ...(run.answers.get(1) ?? []), 777];
    const before = backend.computedTokens;
    run.scheduler.submit(request(10, second, { scope: 'project-b' }, 1));
    run.toEnd();
    expect(run.finished.get(10)?.cachedTokens).toBe(0);
    expect(backend.computedTokens - before).toBe(second.length);
    run.scheduler.submit(request(11, second, {}, 6));
    run.toEnd();
    expect(run.finished.get(11)?.cachedTokens).toBeGreaterThanOrEqual(80);
    expect(run.answers.get(11) ?? []).toEqual(expectedAnswer(second, 6));
  });

  test('a long sequence is put away part by part beside a stream, after its end was told', () => {
    const backend = new ScriptedBackend({ rememberedCells: 0, archiveBytes: 1000, batchTokens: 512 });
    const run = new Run(new Scheduler(backend, 2));
    run.scheduler.submit(request(1, range(1000, 20), { ignoreEnd: true }, 40));
    run.scheduler.submit(request(2, range(2000, 180), {}, 1));
    const partsAfterStep: number[] = [];
    while (!run.finished.has(1)) {
      run.step();
      if (run.finished.has(2)) partsAfterStep.push(backend.savedParts);
    }
    expect(partsAfterStep.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(run.answers.get(1)).toHaveLength(40);
  });

  test('what is half put away and wanted again stays, and nothing of it is kept twice', () => {
    const backend = new ScriptedBackend({ rememberedCells: 0, archiveBytes: 1000, sequences: 1 });
    const run = new Run(new Scheduler(backend, 1));
    run.scheduler.submit(request(1, range(1000, 120), {}, 1));
    while (!run.finished.has(1)) run.step();
    run.step();
    expect(backend.savedParts).toBe(1);
    run.scheduler.submit(request(2, range(1000, 120), {}, 4));
    run.step();
    expect(backend.savedParts).toBe(0);
    run.toEnd();
    expect(run.finished.get(2)?.cachedTokens).toBe(119);
    expect(run.answers.get(2) ?? []).toEqual(expectedAnswer(range(1000, 120), 4));
  });

  test('only the parts that a request begins with come back from the archive', () => {
    const backend = new ScriptedBackend({ rememberedCells: 0, archiveBytes: 1000, cells: 220 });
    const run = new Run(new Scheduler(backend, 1));
    run.scheduler.submit(request(1, range(1000, 200), {}, 1));
    run.toEnd();
    const branch = [...range(1000, 60), ...range(5000, 30)];
    run.scheduler.submit(request(2, branch, { ignoreEnd: true }, 3));
    run.step();
    expect(backend.cells - run.scheduler.freeCells).toBe(branch.length);
    run.toEnd();
    expect(run.finished.get(2)?.cachedTokens).toBe(60);
    expect(backend.savedParts).toBe(2);
  });

  test('the archive keeps to its budget and gives up the oldest', () => {
    const backend = new ScriptedBackend({ rememberedCells: 0, archiveBytes: 200 });
    const run = new Run(new Scheduler(backend, 2));
    for (const id of range(1, 6)) {
      run.scheduler.submit(request(id, range(id * 1000, 80), {}, 5));
      run.toEnd();
    }
    // Each of 84 tokens, in two parts.
    expect(backend.savedParts).toBe(4);
    for (const [id, cached] of [
      [6, 79],
      [1, 0],
    ] as const) {
      run.scheduler.submit(request(20 + id, range(id * 1000, 80), {}, 5));
      run.toEnd();
      expect(run.finished.get(20 + id)?.cachedTokens).toBe(cached);
    }
  });

  test('preempts the youngest when running sequences outgrow the memory, and both answers stay right', () => {
    const backend = new ScriptedBackend({ cells: 120, sequences: 4 });
    const run = new Run(new Scheduler(backend, 4));
    for (const id of [1, 2, 3])
      run.scheduler.submit(request(id, range(id * 1000, 30), { ignoreEnd: true }, 60));
    run.toEnd();
    for (const id of [1, 2, 3]) {
      expect(run.finished.get(id)).toMatchObject({ cause: 'length', generatedTokens: 60 });
      expect(run.answers.get(id)).toHaveLength(60);
    }
    expect(backend.liveSamplers).toBe(0);
  });

  test('a refused batch is tried again after remembered prefixes are given up', () => {
    const backend = new ScriptedBackend();
    const run = new Run(new Scheduler(backend, 4));
    run.scheduler.submit(request(1, range(100, 20)));
    run.toEnd();
    backend.refusals = 1;
    run.scheduler.submit(request(2, range(500, 20)));
    run.toEnd();
    expect(run.answers.get(2) ?? []).toEqual(expectedAnswer(range(500, 20), 12));
  });

  test('a memory that never has room ends the request with an error', () => {
    const backend = new ScriptedBackend();
    backend.refusals = 100;
    const run = new Run(new Scheduler(backend, 4));
    run.scheduler.submit(request(1, range(100, 20)));
    run.toEnd();
    expect(run.finished.get(1)?.cause).toBe('error');
  });

  test('recurrent models share nothing and stay right', () => {
    const run = new Run(new Scheduler(new ScriptedBackend({ sharesPrefixes: false }), 4));
    for (const id of [1, 2, 3]) run.scheduler.submit(request(id, range(100, 40)));
    run.toEnd();
    for (const id of [1, 2, 3]) {
      expect(run.answers.get(id) ?? []).toEqual(expectedAnswer(range(100, 40), 12));
      expect(run.finished.get(id)?.cachedTokens).toBe(0);
    }
  });

  test('any mix of prompts, arrivals and cancellations in little memory gives the right answers and loses no cell', () => {
    const arrival = fc.record({
      shared: fc.integer({ min: 0, max: 60 }),
      own: fc.integer({ min: 1, max: 20 }),
      scope: fc.constantFrom('a', 'b'),
      maxTokens: fc.integer({ min: 1, max: 20 }),
      steps: fc.integer({ min: 0, max: 3 }),
      cancelled: fc.boolean(),
    });
    const memory = fc.record({
      rememberedCells: fc.constantFrom(0, 40, 160),
      archiveBytes: fc.constantFrom(0, 60, 10_000),
      partTokens: fc.constantFrom(7, 1000),
    });
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 14 }), memory, (arrivals, sizes) => {
        const backend = new ScriptedBackend({ cells: 160, sequences: 5, batchTokens: 24, ...sizes });
        const run = new Run(new Scheduler(backend, 3));
        const cancelled = new Set<number>();
        const prompts = arrivals.map(({ shared, own }, id) => [
          ...range(100, shared),
          ...range(1000 * (id + 1), own),
        ]);
        for (const [id, { scope, maxTokens, steps, cancelled: cancels }] of arrivals.entries()) {
          run.scheduler.submit(request(id, prompts[id] ?? [], { scope }, maxTokens));
          for (let step = 0; step < steps && run.scheduler.busy; step += 1) run.step();
          if (cancels && run.scheduler.cancel(id)) cancelled.add(id);
        }
        run.toEnd();
        for (const [id, { maxTokens }] of arrivals.entries()) {
          const expected = expectedAnswer(prompts[id] ?? [], maxTokens);
          const answer = run.answers.get(id) ?? [];
          expect(answer).toEqual(cancelled.has(id) ? expected.slice(0, answer.length) : expected);
        }
        expect(backend.liveSamplers).toBe(0);
        run.scheduler.submit(request(99, range(50_000, 159), { scope: 'c' }, 1));
        run.toEnd();
        expect(run.finished.get(99)?.cause).not.toBe('error');
      }),
      { numRuns: 400 },
    );
  });
});
