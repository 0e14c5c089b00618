import { statSync } from 'node:fs';
import { type CudaLibrary, loadCudaLibrary } from './cuda-library.ts';
import type { Llama } from './library.ts';
import type { Pointer } from './structures.ts';

/** What the operator wants to compute on; `auto` is the GPU where there is one that can be used. */
export const deviceChoices = ['auto', 'cpu', 'cuda'] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

/** What llama.cpp computes on. */
export interface Device {
  kind: 'cpu' | 'cuda';
  /** For people: the name, and why it is no GPU. */
  description: string;
  /** Memory of all its GPUs that is free now. */
  freeBytes(): number;
}

const cpuDevice = 0;

/** Keys, values and buffers need room beside the weights. */
const roomBesideWeights = 1.1;

/**
 * Loads llama.cpp's computing libraries: for the processor always, for NVIDIA's GPUs where they can be used. Once in a process.
 * @param weightsPath weights that must fit the GPUs' memory, or null.
 * @throws Error that says why when `cuda` is wanted and can't be used.
 */
export function openDevice(
  llama: Llama,
  wanted: DeviceChoice,
  weightsPath: string | null,
  findCuda: (librariesFrom: string) => CudaLibrary = loadCudaLibrary,
): Device {
  llama.loadBackends(llama.loadedFrom);
  const gpus = wanted === 'cpu' ? 'the processor was asked for' : openGpus(llama, findCuda, weightsPath);
  if (typeof gpus !== 'string') {
    return {
      kind: 'cuda',
      description: gpus.map((gpu) => llama.deviceDescription(gpu)).join(', '),
      freeBytes: () => freeBytes(llama, gpus),
    };
  }
  if (wanted === 'cuda') throw new Error(`cannot compute on a GPU: ${gpus}`);
  const processor = llama.deviceDescription(llama.backendByType(cpuDevice));
  return { kind: 'cpu', description: `${processor}; no GPU: ${gpus}`, freeBytes: () => 0 };
}

/** @returns the GPUs, or why there are none to use. */
function openGpus(
  llama: Llama,
  findCuda: (librariesFrom: string) => CudaLibrary,
  weightsPath: string | null,
): Pointer[] | string {
  const library = findCuda(llama.loadedFrom);
  if ('whyNot' in library) return library.whyNot;
  const registry = llama.loadBackend(library.path);
  if (!registry) return `llama.cpp refuses ${library.path}`;
  const gpus = Array.from({ length: llama.registryDevices(registry) }, (_, index) =>
    llama.registryDevice(registry, index),
  );
  const why =
    gpus.length === 0 ? "NVIDIA's driver shows none" : tooLarge(weightsPath, freeBytes(llama, gpus));
  if (why === null) return gpus;
  // Where it stays registered, llama.cpp would use it for large batches.
  llama.unloadBackend(registry);
  return why;
}

function tooLarge(weightsPath: string | null, free: number): string | null {
  const bytes = weightsPath === null ? 0 : statSync(weightsPath).size * roomBesideWeights;
  return bytes <= free
    ? null
    : `the weights need ${gigabytes(bytes)} of its memory and ${gigabytes(free)} are free`;
}

function freeBytes(llama: Llama, gpus: readonly Pointer[]): number {
  let sum = 0;
  for (const gpu of gpus) {
    const free: [number | bigint] = [0];
    llama.deviceMemory(gpu, free, [0]);
    sum += Number(free[0]);
  }
  return sum;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
