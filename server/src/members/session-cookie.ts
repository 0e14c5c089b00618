import { createHmac, timingSafeEqual } from 'node:crypto';

const longestCookie = 1024;

/**
 * The token in a session cookie: undefined when no such cookie is sent, null when it isn't signed by us. better-auth writes
 * `token.signature`, URL-encoded, the signature being the token's HMAC-SHA256 in Base64.
 */
export function sessionToken(
  cookieHeader: string | undefined,
  { name, secret }: { name: string; secret: string },
): string | null | undefined {
  const values = cookieValues(cookieHeader ?? '', name);
  if (values.length === 0) return undefined;
  // Two of one name: one was planted, and which can't be told.
  const [value = ''] = values;
  if (values.length > 1 || value.length > longestCookie) return null;
  const decoded = decode(value);
  const dot = decoded.lastIndexOf('.');
  if (dot < 1) return null;
  const token = decoded.slice(0, dot);
  const signature = Buffer.from(decoded.slice(dot + 1), 'base64');
  const expected = createHmac('sha256', secret).update(token).digest();
  return signature.length === expected.length && timingSafeEqual(signature, expected) ? token : null;
}

function cookieValues(header: string, name: string): string[] {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
