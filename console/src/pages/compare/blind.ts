import type { Contestant } from './comparison.ts';

/** A to F. */
export const letters = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

/**
 * Contestants in an order that tells nothing about them: by a hash of prompt and contestant (FNV-1a), so it differs from
 * prompt to prompt and is the same after a reload.
 */
export function shuffled(contestants: readonly Contestant[], promptId: string): Contestant[] {
  const places = new Map(contestants.map(({ id }) => [id, hash(`${promptId} ${id}`)]));
  return contestants.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // Mixes the low bits up, or ids that differ in their last letter only would keep their order.
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 0;
  return (value ^ (value >>> 12)) >>> 0;
}
