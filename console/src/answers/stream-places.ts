/**
 * How many answers may stream at once. Browsers open six connections to a server over HTTP/1.1, and each stream holds one:
 * the sixth stays free for saving, for other pages and for whatever else is asked meanwhile. HTTP/2 has no such limit.
 */
export function mostStreams(): number {
  const [page] = performance.getEntriesByType('navigation');
  const protocol = page !== undefined && 'nextHopProtocol' in page ? String(page.nextHopProtocol) : '';
  return /^h[23]/.test(protocol) ? Infinity : 5;
}

let taken = 0;
const waiting: (() => void)[] = [];

/** Waits for a place, and gives what frees it again. Rejects with the signal's reason when it is given up. */
export async function takeStreamPlace(signal: AbortSignal): Promise<() => void> {
  signal.throwIfAborted();
  if (taken >= mostStreams())
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(take), 1);
        reject(new DOMException('Given up while it waited', 'AbortError'));
      };
      const take = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(take);
    });
  else taken += 1;
  let isFree = false;
  return () => {
    if (isFree) return;
    isFree = true;
    // The place goes on to the one that waits longest.
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
}
