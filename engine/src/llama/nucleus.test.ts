import { describe, expect, test } from 'vitest';
import { Candidates } from './candidates.ts';
import { loadLlama } from './library.ts';
import { Nucleus, nucleusSuits } from './nucleus.ts';

const llama = loadLlama();
const options = { temperature: 1, topK: 0, topP: 0.9, minP: 0 };

/** How often each token was chosen of so many draws. */
function counts(probabilities: readonly number[], topP: number, draws: number): number[] {
  const candidates = new Candidates(probabilities.length);
  const nucleus = new Nucleus(llama, topP, 7);
  const chosen = probabilities.map(() => 0);
  const logits = Float32Array.from(probabilities, (probability) => Math.log(probability));
  for (let draw = 0; draw < draws; draw += 1) {
    candidates.fill(logits);
    const token = nucleus.choose(candidates);
    chosen[token] = (chosen[token] ?? 0) + 1;
  }
  nucleus.free();
  return chosen;
}

describe('Nucleus', () => {
  test('draws within the likeliest tokens that make up top_p, each by its probability among them', () => {
    // In no order: the four likeliest make up 0.8, the three likeliest 0.7.
    const probabilities = [0.02, 0.3, 0.08, 0.15, 0.1, 0.04, 0.25, 0.06];
    const draws = 20_000;
    const chosen = counts(probabilities, 0.75, draws);
    for (const [token, probability] of probabilities.entries()) {
      const expected = probability >= 0.1 ? probability / 0.8 : 0;
      const deviation = Math.sqrt(draws * expected * (1 - expected));
      expect(Math.abs((chosen[token] ?? 0) - draws * expected)).toBeLessThanOrEqual(4 * deviation);
    }
  });

  test('a token that makes up top_p alone is the only one', () => {
    expect(counts([0.1, 0.8, 0.1], 0.8, 500)).toEqual([0, 500, 0]);
  });

  test('of equal tokens each may be drawn', () => {
    expect(
      Math.min(
        ...counts(
          Array.from({ length: 20 }, () => 0.05),
          0.5,
          2000,
        ),
      ),
    ).toBeGreaterThan(50);
  });

  test('the cuts of llama.cpp do the rest', () => {
    expect(nucleusSuits(options)).toBe(true);
    for (const other of [{ topP: 1 }, { topP: 0.1 }, { topK: 40 }, { minP: 0.05 }, { temperature: 0 }])
      expect(nucleusSuits({ ...options, ...other })).toBe(false);
  });
});
