import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const sane = /^[\w.:-]{1,128}$/;

/** Hexadecimal digits of the time in an id: enough until the year 10889. */
const timeDigits = 12;

/** The id of a request: the client's `x-request-id` when it is short and plain, else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && sane.test(sent) ? sent : newRequestId();
}

/** Its time in milliseconds, and the rest at random, so that the ledger's index of them grows at its end. */
export function newRequestId(): string {
  const time = Date.now().toString(16).padStart(timeDigits, '0');
  return `req_${time}${randomUUID().replaceAll('-', '').slice(timeDigits)}`;
}
