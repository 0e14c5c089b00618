import { apiKey, baseUrl } from './clients.ts';
import { observedFetch } from './observed.ts';

/** One request as bytes, without a client's help: `body` is sent as it is. */
export async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/chat/completions',
): Promise<Response> {
  return observedFetch(`${baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...headers },
    body,
  });
}

/** The data of every event of a stream, in order, `[DONE]` included. */
export async function readEvents(response: Response): Promise<string[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length));
}
