import { hash, randomBytes } from 'node:crypto';

const prefix = 'sk-weai-';
/** What admin keys begin with. */
export const adminPrefix = 'sk-weai-admin-';
/** Of a key, so much is kept for display: enough to tell keys apart, far too little to guess the rest. */
const shownRandomCharacters = 4;

/** A new key: 256 random bits. */
export function generateKey(kind: 'project' | 'admin' = 'project'): string {
  return (kind === 'admin' ? adminPrefix : prefix) + randomBytes(32).toString('base64url');
}

/** What the database holds in place of a key. A key has 256 random bits, so that a slow hash would add nothing. */
export function hashKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** The key's first characters, which are kept beside its hash. */
export function keyPrefix(key: string): string {
  const fixed = key.startsWith(adminPrefix) ? adminPrefix : prefix;
  return key.slice(0, fixed.length + shownRandomCharacters);
}
