/** Nano-dollars in a dollar: money is whole nano-dollars inside, decimal text at the edge. */
const nanosInDollar = 1_000_000_000n;

/** Largest sum that a JavaScript number holds exactly: about nine million dollars. */
const mostNanos = BigInt(Number.MAX_SAFE_INTEGER);

/** Reads dollars (`0.15`) as nano-dollars. Throws RangeError for what isn't a plain decimal of up to nine places. */
export function parseDollars(text: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text.trim());
  const [, whole = '', fraction = ''] = match ?? [];
  const nanos = match ? BigInt(whole) * nanosInDollar + BigInt(fraction.padEnd(9, '0')) : mostNanos + 1n;
  if (nanos > mostNanos)
    throw new RangeError(`"${text}" is not an amount in dollars: write it like 12 or 0.15.`);
  return Number(nanos);
}

/** Nano-dollars as dollars, with at least two places and none that say nothing: `0.15`, `0.000001275`. */
export function formatDollars(nanos: number | bigint | string): string {
  const value = BigInt(nanos);
  const sign = value < 0n ? '-' : '';
  const size = value < 0n ? -value : value;
  const fraction = (size % nanosInDollar).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${size / nanosInDollar}.${fraction.padEnd(2, '0')}`;
}

/** So many units at a price in nano-dollars; both are whole and not negative. */
export type Charge = readonly [quantity: number, price: number];

/** The sum of `quantity` × `price`, ÷ `divisor`, in whole nano-dollars, half up, without the rounding of floating point. */
export function proportion(charges: readonly Charge[], divisor: number): number {
  const scaled = charges.reduce((sum, [quantity, price]) => sum + quantity * price, 0);
  // Of numbers that are not negative a sum is only this small where each step to it was exact.
  if (scaled <= Number.MAX_SAFE_INTEGER) {
    const rest = scaled % divisor;
    return (scaled - rest) / divisor + (2 * rest >= divisor ? 1 : 0);
  }
  const exact = charges.reduce((sum, [quantity, price]) => sum + BigInt(quantity) * BigInt(price), 0n);
  return Number((exact * 2n + BigInt(divisor)) / (BigInt(divisor) * 2n));
}
