import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** How long a ticket is good for. The console asks for another in time. */
export const ticketSeconds = 60;

/** The one route that takes tickets, as Fastify names it. */
const ticketRoute = 'POST /v1/chat/completions';

const prefix = 'weai-stream-';

/** Whether a request carries a ticket, of whatever worth, to the route that takes them. */
export function presentsTicket(request: FastifyRequest): boolean {
  // The header first: every request passes here, and Fastify makes `routeOptions` anew each time.
  if (request.headers.authorization?.startsWith(`Bearer ${prefix}`) !== true) return false;
  return `${request.method} ${request.routeOptions.url ?? ''}` === ticketRoute;
}

/**
 * Signs a session's id for a short time, so that the console's streams can do without cookies: browsers open six more connections
 * for those. A ticket is as good as its session is at that moment, on every server of the database, and nothing is kept of it.
 */
export class StreamTickets {
  readonly #key: Uint8Array;

  /** @param secret what session cookies are signed with: the key is derived, so that neither signature passes for the other. */
  constructor(secret: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'weai stream tickets', 32));
  }

  /** A ticket for a session. */
  issue(sessionId: string, nowMs = Date.now()): string {
    const claim = `${Math.floor(nowMs / 1000) + ticketSeconds}.${sessionId}`;
    return `${prefix}${Buffer.from(claim).toString('base64url')}.${this.#sign(claim).toString('base64url')}`;
  }

  /** The id of the session that a ticket is for; null when it isn't ours or its time is over. */
  sessionId(ticket: string, nowMs = Date.now()): string | null {
    const [claimed = '', signed = ''] = ticket.slice(prefix.length).split('.');
    const claim = Buffer.from(claimed, 'base64url').toString();
    const signature = Buffer.from(signed, 'base64url');
    const expected = this.#sign(claim);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return null;
    const dot = claim.indexOf('.');
    return Number(claim.slice(0, dot)) * 1000 > nowMs ? claim.slice(dot + 1) : null;
  }

  #sign(claim: string): Buffer {
    return createHmac('sha256', this.#key).update(claim).digest();
  }
}
