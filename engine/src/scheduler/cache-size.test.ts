import { describe, expect, test } from 'vitest';
import { sizeCache } from './cache-size.ts';

const gibibyte = 1024 ** 3;
const smollm = { bytesPerToken: 23_040, trainedContextTokens: 8192 };
const llama8b = { bytesPerToken: 131_072, trainedContextTokens: 131_072 };

describe('sizeCache', () => {
  test.each([
    ['a small model takes what it may', smollm, gibibyte, null, 8192, 46_848],
    [
      'a small model on a large machine stops at sixteen contexts',
      smollm,
      64 * gibibyte,
      null,
      8192,
      131_072,
    ],
    ['a small model on a small machine still has a whole context', smollm, 1024, null, 8192, 8192],
    ['8B on a laptop gets a context that fits', llama8b, gibibyte, null, 8192, 8192],
    ['8B with 4 GiB gets a longer one', llama8b, 4 * gibibyte, null, 32_768, 32_768],
    ['8B with 64 GiB gets all it was trained for', llama8b, 64 * gibibyte, null, 131_072, 524_288],
    ['the operator may ask for more than the share', llama8b, gibibyte, 20_000, 20_000, 20_224],
    ['nobody gets more than the weights were trained for', smollm, gibibyte, 100_000, 8192, 46_848],
  ])('%s', (_name, model, cacheBytes, requestedContextTokens, contextTokens, cells) => {
    expect(sizeCache({ ...model, cacheBytes, requestedContextTokens })).toEqual({ contextTokens, cells });
  });
});
