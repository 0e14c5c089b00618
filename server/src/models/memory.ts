import { totalmem } from 'node:os';

/** Bytes of memory that this process may use at most: the machine's, or less in a container. */
export function machineMemoryBytes(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/** Whether weights of that size can be served at a useful speed: they, and a little beside them, stay in memory. */
export function fitsMemory(weightsBytes: number, memoryBytes = machineMemoryBytes()): boolean {
  return weightsBytes <= memoryBytes * 0.9;
}
