import { createSignal } from '../signal.ts';
import { Unreachable } from './failure.ts';

/** Whether the server can be reached: `offline` is this device's network, `unreachable` the server. */
export const connection = createSignal<'online' | 'offline' | 'unreachable'>(
  navigator.onLine ? 'online' : 'offline',
);

/** Set once a request was refused because the session is over; the shell then asks to sign in, in place. */
export const sessionExpired = createSignal(false);

const retryAfterMs = 3000;

/** `fetch` that notices when the server can't be reached. Throws `Unreachable` then; an abort passes through. */
export async function reachingFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, init);
    connection.set('online');
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    connection.set(navigator.onLine ? 'unreachable' : 'offline');
    throw new Unreachable(
      navigator.onLine
        ? 'The server can’t be reached. It may be restarting.'
        : 'This device is offline. What you typed is kept: try again when the network is back.',
      { cause: error },
    );
  }
}

/** Follows the network, and asks for the server until it is back. Calls `onBack` then. */
export function followConnection(onBack: () => void): void {
  let probing = false;
  const probe = async () => {
    try {
      await reachingFetch('/healthz', { cache: 'no-store' });
      probing = false;
      onBack();
    } catch {
      setTimeout(() => void probe(), retryAfterMs);
    }
  };
  connection.subscribe(() => {
    if (connection.get() === 'online' || probing) return;
    probing = true;
    setTimeout(() => void probe(), retryAfterMs);
  });
  addEventListener('offline', () => connection.set('offline'));
  addEventListener('online', () => connection.set('unreachable'));
}
