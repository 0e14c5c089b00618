import { hasFewConnections } from '../api/few-connections.ts';

/** How many answers may stream at once, where each takes a connection: so many does a browser open for them. */
const mostStreams = 6;

let taken = 0;
const waiting: (() => void)[] = [];

/** Waits for a place, and gives what frees it again. Rejects with the signal's reason when it is given up. */
export async function takeStreamPlace(signal: AbortSignal): Promise<() => void> {
  signal.throwIfAborted();
  if (taken >= mostStreams && hasFewConnections())
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
