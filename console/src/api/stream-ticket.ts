import { api, read } from './client.ts';

/** A ticket is renewed so long before its end that what is sent with it arrives in time. */
const earlyMs = 10_000;

let held: { ticket: string; untilMs: number } | null = null;
let asked: Promise<string> | null = null;

/**
 * The ticket that streams are sent with; those that start together wait for one. Throws as `read` does.
 * @param refused one that the server didn't take: another is asked for.
 */
export async function streamTicket(refused?: string): Promise<string> {
  if (held !== null && held.ticket !== refused && performance.now() < held.untilMs) return held.ticket;
  asked ??= ask().finally(() => (asked = null));
  return asked;
}

/** Somebody else may be signed in now. */
export function forgetTicket(): void {
  held = null;
}

async function ask(): Promise<string> {
  const askedMs = performance.now();
  const { ticket, expires_in: seconds } = await read(api.POST('/auth/stream-ticket'));
  held = { ticket, untilMs: askedMs + seconds * 1000 - earlyMs };
  return ticket;
}
