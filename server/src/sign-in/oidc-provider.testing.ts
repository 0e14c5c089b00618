import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Who signs in at the provider next, and what is wrong with its answers. */
export interface ProviderState {
  person: { sub: string; email: string; email_verified: boolean; name: string };
  fault: 'none' | 'away' | 'foreign signature' | 'wrong audience' | 'wrong nonce';
}

export interface TestProvider {
  issuer: string;
  state: ProviderState;
  /** What the provider was told at its authorization endpoint. */
  asked: URLSearchParams[];
  close(): Promise<void>;
}

/** An OpenID provider that signs everybody in at once: discovery, code flow with PKCE, RS256. */
export async function startProvider(clientId: string, clientSecret: string): Promise<TestProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const state: ProviderState = {
    person: { sub: 'subject-1', email: 'ann@example.com', email_verified: true, name: 'Ann' },
    fault: 'none',
  };
  const asked: URLSearchParams[] = [];
  const codes = new Map<string, URLSearchParams>();
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', issuer);
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (state.fault === 'away') {
      json({ error: 'away' }, 503);
    } else if (url.pathname === '/.well-known/openid-configuration') {
      json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (url.pathname === '/jwks') {
      json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256', use: 'sig' }] });
    } else if (url.pathname === '/authorize') {
      const code = randomUUID();
      codes.set(code, url.searchParams);
      asked.push(url.searchParams);
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.href }).end();
    } else if (url.pathname === '/token') {
      const form = new URLSearchParams(await text(request));
      const begun = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
      const known =
        request.headers.authorization === `Basic ${basic}` || form.get('client_secret') === clientSecret;
      if (begun === undefined || !known || begun.get('code_challenge') !== challenge)
        json({ error: 'invalid_grant' }, 400);
      else json({ access_token: randomUUID(), token_type: 'Bearer', id_token: idToken(begun) });
    } else json({ error: 'not_found' }, 404);
  }

  function idToken(begun: URLSearchParams): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: state.fault === 'wrong audience' ? 'somebody else' : clientId,
      iat: now,
      exp: now + 60,
      nonce: state.fault === 'wrong nonce' ? 'another' : (begun.get('nonce') ?? undefined),
      ...state.person,
    };
    const parts = [{ alg: 'RS256', kid: 'key-1', typ: 'JWT' }, claims];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const key = state.fault === 'foreign signature' ? foreign.privateKey : privateKey;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }

  return {
    issuer,
    state,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
