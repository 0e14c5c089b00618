import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { templateFixture } from '../tools/chat-request.testing.ts';
import { Context } from './context.ts';
import { encodeGguf } from './gguf.testing.ts';
import { loadLlama } from './library.ts';
import { captureLog } from './log.ts';
import { loadModel } from './model.ts';
import { llama31Vocabulary, tinyLlama } from './tiny-llama.testing.ts';
import { Vocabulary } from './vocabulary.ts';

const folder = mkdtempSync(join(tmpdir(), 'weai-context-'));
const weights = join(folder, 'tiny.gguf');
writeFileSync(weights, encodeGguf(tinyLlama(llama31Vocabulary(), templateFixture('llama3.1'))));
afterAll(() => rmSync(folder, { recursive: true }));

const llama = loadLlama();
llama.loadBackends(llama.loadedFrom);
const model = loadModel(llama, weights, 0, captureLog(llama));
const vocabularySize = new Vocabulary(llama, model).size;

function newContext(cells: number): Context {
  return new Context(llama, model, { cells, sequences: 4, batchTokens: 64, threads: 1 });
}

/** Computes tokens of a sequence. @returns the logits after the last. */
function compute(context: Context, sequence: number, from: number, tokens: readonly number[]): number[] {
  let last = 0;
  for (const [offset, token] of tokens.entries())
    last = context.add(token, from + offset, sequence, offset === tokens.length - 1);
  expect(context.decode()).toBe(true);
  return [...context.logits(last, vocabularySize)];
}

const prompt = Array.from({ length: 40 }, (_, index) => 1000 + 7 * index);

describe('Context', () => {
  test('a sequence that was put away goes on elsewhere as if it had stayed', () => {
    const context = newContext(256);
    compute(context, 0, 0, prompt);
    const parts = [context.save(0, 0, 15), context.save(0, 15, 32), context.save(0, 32, prompt.length)];
    const stayed = compute(context, 0, prompt.length, [42]);
    context.truncate(0, 0);
    compute(context, 1, 0, prompt.toReversed());
    expect(parts.map((part) => part?.restore(2))).toEqual([true, true, true]);
    expect(parts.map((part) => part?.tokens)).toEqual([15, 17, 8]);
    expect(compute(context, 2, prompt.length, [42])).toEqual(stayed);
    for (const part of parts) part?.free();
  });

  test('a sequence that finds no room is not restored, and leaves nothing behind', () => {
    const context = newContext(256);
    compute(context, 0, 0, prompt);
    const saved = context.save(0, 0, prompt.length);
    for (let from = 40; from + 40 <= 256; from += 40) compute(context, 0, from, prompt);
    expect(saved?.restore(1)).toBe(false);
    context.truncate(0, 100);
    expect(compute(context, 1, 0, [5])).toHaveLength(vocabularySize);
    saved?.free();
  });
});
