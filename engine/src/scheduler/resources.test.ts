import { describe, expect, test } from 'vitest';
import { shareOut } from './resources.ts';

const nothing = { threads: null, maxRunning: null, cacheBytes: null };
const gibibyte = 1024 ** 3;
const machine = { processors: 16, freeMemoryBytes: 64 * gibibyte, gpu: null };

describe('shareOut', () => {
  test('without a GPU all cores compute, and a sixteenth of the memory holds keys and values', () => {
    expect(shareOut(nothing, machine)).toEqual({
      threads: 16,
      maxRunning: 32,
      cacheBytes: 4 * gibibyte,
      archiveBytes: 4 * gibibyte,
      promptBatchTokens: 128,
    });
  });

  test('a GPU that holds the model has one thread, larger batches, and keys and values in half of its free memory', () => {
    const gpu = { freeBytes: 100 * gibibyte, computesAllLayers: true };
    expect(shareOut(nothing, { ...machine, gpu })).toEqual({
      threads: 1,
      maxRunning: 64,
      cacheBytes: 50 * gibibyte,
      archiveBytes: 4 * gibibyte,
      promptBatchTokens: 512,
    });
  });

  test('a GPU that holds a part of the model leaves the rest to all cores, and takes no more memory than it has', () => {
    const gpu = { freeBytes: 2 * gibibyte, computesAllLayers: false };
    expect(shareOut(nothing, { ...machine, gpu })).toMatchObject({
      threads: 16,
      maxRunning: 32,
      cacheBytes: gibibyte,
      archiveBytes: 4 * gibibyte,
    });
  });

  test.each([null, { freeBytes: gibibyte, computesAllLayers: true }])('what is said goes, with %o', (gpu) => {
    const said = { threads: 3, maxRunning: 5, cacheBytes: 7 };
    expect(shareOut(said, { ...machine, gpu })).toMatchObject({ ...said, archiveBytes: 7 });
  });
});
