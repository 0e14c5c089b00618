/** A buffer with room for `more` behind its first `length` bytes: itself where it has that, else a larger one that begins with them. */
export function withRoom(buffer: Buffer<ArrayBuffer>, length: number, more: number): Buffer<ArrayBuffer> {
  const needed = length + more;
  if (needed <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafeSlow(2 * needed);
  buffer.copy(larger, 0, 0, length);
  return larger;
}
