import { createHash, randomBytes } from 'node:crypto';

/** What a one-time link carries: 256 random bits. */
export function newLinkToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database holds in place of it. A token has so many random bits that a slow hash would add nothing. */
export function hashLinkToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
