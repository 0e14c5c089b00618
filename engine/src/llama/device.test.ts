import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CudaLibrary } from './cuda-library.ts';
import { type DeviceChoice, openDevice } from './device.ts';
import { loadLlama } from './library.ts';
import { captureLog } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'weai-device-'));
afterAll(() => rmSync(folder, { recursive: true }));
const weights = join(folder, 'weights.gguf');
writeFileSync(weights, Buffer.alloc(1_000_000));

const llama = loadLlama();
captureLog(llama);

/** The processor's library of the least demands plays a GPU's: it has one device, with the machine's memory. */
const playsGpu = join(folder, 'libggml-cuda.so');
const leastDemanding = process.arch === 'x64' ? 'libggml-cpu-x64.so' : 'libggml-cpu-armv8.0_1.so';
copyFileSync(join(llama.loadedFrom, leastDemanding), playsGpu);

function open(wanted: DeviceChoice, library: CudaLibrary, weightsPath: string | null = weights) {
  return openDevice(llama, wanted, weightsPath, () => library);
}

describe('openDevice', () => {
  const absent = { whyNot: 'it is not installed' };

  test('computes on the processor where there is no GPU, and says why', () => {
    const device = open('auto', absent);
    expect(device.kind).toBe('cpu');
    expect(device.description).toMatch(/^.+; no GPU: it is not installed$/);
  });

  test('does not go on without a GPU that was asked for', () => {
    expect(() => open('cuda', absent)).toThrow('cannot compute on a GPU: it is not installed');
  });

  test.each(['auto', 'cuda'] as const)('computes on a GPU that is there, with %s', (wanted) => {
    const device = open(wanted, { path: playsGpu });
    expect(device.kind).toBe('cuda');
    expect(device.description).not.toContain('no GPU');
    expect(device.freeBytes()).toBeGreaterThan(1_000_000);
  });

  test('leaves a GPU alone when the processor was asked for', () => {
    const unasked = (): CudaLibrary => {
      throw new Error('looked for');
    };
    const { kind, description } = openDevice(llama, 'cpu', weights, unasked);
    expect(kind).toBe('cpu');
    expect(description).toMatch(/no GPU: the processor was asked for$/);
  });

  test('refuses a library that is none of llama.cpp', () => {
    const path = join(llama.loadedFrom, 'libggml-base.so');
    expect(open('auto', { path }).description).toMatch(`no GPU: llama.cpp refuses ${path}`);
  });

  test('computes on the processor what does not fit the GPU', () => {
    const huge = join(folder, 'huge.gguf');
    writeFileSync(huge, '');
    truncateSync(huge, 1e13);
    expect(open('auto', { path: playsGpu }, huge).description).toMatch(
      /no GPU: the weights need 11000\.0 GB of its memory and \d+\.\d GB are free$/,
    );
  });
});
