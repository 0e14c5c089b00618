import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { DownloadError } from './download-errors.ts';

const maximumRedirects = 10;

/**
 * The way out for downloads: trusts the bundled roots, those of the system, and a PEM file if one is named (networks
 * with an inspecting proxy have their own root); goes through the proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
 * `stallTimeoutMs`: how long a silent server is waited for.
 */
export function createDispatcher(certificateFile: string | null, stallTimeoutMs = 30_000): Dispatcher {
  const ca = [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  if (certificateFile !== null) {
    try {
      ca.push(readFileSync(certificateFile, 'utf8'));
    } catch (cause) {
      throw new DownloadError(
        `The certificate file ${certificateFile} can't be read. Correct PIP_CERT or unset it.`,
        {
          cause,
        },
      );
    }
  }
  return new EnvHttpProxyAgent({
    connect: { ca, timeout: 15_000 },
    requestTls: { ca },
    proxyTls: { ca },
    headersTimeout: stallTimeoutMs,
    bodyTimeout: stallTimeoutMs,
  });
}

export interface GetOptions {
  dispatcher: Dispatcher;
  headers?: Record<string, string>;
  /** Value of the `Authorization` header: sent to the first origin only. */
  authorization?: string | null;
  signal?: AbortSignal | undefined;
}

/** A response and where it came from, after redirects. The body must be read or dumped. */
export interface FetchedResponse {
  response: Dispatcher.ResponseData;
  url: URL;
}

/**
 * GET that follows up to ten redirects, never from https to http, and gives the credentials to the first origin only.
 * Throws DownloadError for an address or redirect that is refused; network errors pass through.
 */
export async function get(address: string, options: GetOptions): Promise<FetchedResponse> {
  let url = httpUrl(address);
  const firstOrigin = url.origin;
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    const headers: Record<string, string> = { 'accept-encoding': 'identity', ...options.headers };
    if (options.authorization && url.origin === firstOrigin) headers['authorization'] = options.authorization;
    const response = await request(url, {
      dispatcher: options.dispatcher,
      headers,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const location = response.headers['location'];
    if (![301, 302, 303, 307, 308].includes(response.statusCode) || typeof location !== 'string') {
      return { response, url };
    }
    discard(response);
    const next = httpUrl(location, url);
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new DownloadError(`${url.host} redirects to an address without encryption: refused.`);
    }
    url = next;
  }
  throw new DownloadError(`${httpUrl(address).host} redirects more than ${maximumRedirects} times.`);
}

export interface Document {
  text: string;
  contentType: string;
  url: URL;
}

type DocumentOptions = GetOptions & { attempts: number };

const maximumDocumentBytes = 16 * 1024 * 1024;

/**
 * GET of a small document as text; network errors and 5xx are tried again after half a second.
 * Throws DownloadError on any status but 200 and past 16 MiB; the last network error passes through.
 */
export async function getText(address: string, options: DocumentOptions): Promise<Document> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= options.attempts;
    try {
      const document = await readDocument(await get(address, options), last);
      if (document !== null) return document;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (last || error instanceof DownloadError) throw error;
    }
    await sleep(500, undefined, { signal: options.signal });
  }
}

/** Null for a failure of the server that may pass, unless this was the last attempt. */
async function readDocument({ response, url }: FetchedResponse, last: boolean): Promise<Document | null> {
  if (response.statusCode !== 200) {
    discard(response);
    if (response.statusCode >= 500 && !last) return null;
    throw new DownloadError(`${url.host} answered ${response.statusCode} for ${url.pathname}.`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const body: AsyncIterable<Buffer> = response.body;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maximumDocumentBytes)
      throw new DownloadError(`The answer of ${url.host} is longer than expected.`);
    chunks.push(chunk);
  }
  const contentType = String(response.headers['content-type'] ?? '');
  return { text: Buffer.concat(chunks).toString('utf8'), contentType, url };
}

/** Leaves a body unread: its connection is closed. */
export function discard({ body }: Pick<Dispatcher.ResponseData, 'body'>): void {
  // Destroying an unread body emits an error, which nobody else would hear.
  body.on('error', () => undefined).destroy();
}

function httpUrl(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href);
  if (url === null) throw new DownloadError(`“${address.slice(0, 200)}” is not a URL.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new DownloadError(`Only http and https addresses can be downloaded from, not ${url.protocol}`);
  }
  return url;
}
