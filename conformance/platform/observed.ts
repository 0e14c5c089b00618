import { afterEach, expect } from 'vitest';
import { schemaProblems } from './schema.ts';

/** What the answers since the last test broke, whichever client asked. */
const problems: string[] = [];

afterEach(() => {
  expect(problems.splice(0), 'answers that break the API description').toEqual([]);
});

/** `fetch` that checks every answer against the API description, and the headers that every answer has. */
export const observedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const url = new URL(input instanceof Request ? input.url : input);
  checkHeaders(url, response);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream') && response.body) {
    return new Response(response.body.pipeThrough(streamChecker()), response);
  }
  if (type.startsWith('application/json'))
    checkJson(url, response.status, await response.clone().json(), init?.method ?? 'GET');
  else problems.push(`${url.pathname}: content-type ${type}`);
  return response;
};

function checkHeaders(url: URL, response: Response): void {
  if (!response.headers.get('x-request-id')) problems.push(`${url.pathname}: no x-request-id`);
  const processing = response.headers.get('openai-processing-ms') ?? '';
  if (!/^\d+$/.test(processing)) problems.push(`${url.pathname}: openai-processing-ms is "${processing}"`);
}

function checkJson(url: URL, status: number, body: unknown, method: string): void {
  const completions = /\/chat\/completions(\/[\w-]+)?(\/messages)?$/.exec(url.pathname);
  if (status >= 400) problems.push(...errorProblems(body));
  else if (completions) problems.push(...completionProblems(body, method, completions));
  else if (url.pathname.endsWith('/models')) problems.push(...schemaProblems('ListModelsResponse', body));
  else if (url.pathname.includes('/models/')) problems.push(...schemaProblems('Model', body));
  else problems.push(`${url.pathname}: no schema is known for it`);
}

/** What is wrong with an answer about completions: one is made or shown, several are listed, a stored one is deleted. */
function completionProblems(body: unknown, method: string, [, id, messages]: RegExpExecArray): string[] {
  // The description gives its own example of these messages, a user's, the schema of an assistant's.
  if (messages !== undefined) return [];
  if (method.toUpperCase() === 'DELETE') return schemaProblems('ChatCompletionDeleted', body);
  if (id === undefined && method.toUpperCase() === 'GET') return schemaProblems('ChatCompletionList', body);
  return schemaProblems('CreateChatCompletionResponse', body);
}

/** What is wrong with an error body: it has one object with exactly the four fields. */
export function errorProblems(body: unknown): string[] {
  const isObject = typeof body === 'object' && body !== null && 'error' in body;
  const error = isObject ? body.error : null;
  if (typeof error !== 'object' || error === null) return [`not an error body: ${JSON.stringify(body)}`];
  const fields = Object.keys(error).toSorted().join();
  return [
    ...(fields === 'code,message,param,type' ? [] : [`an error has the fields ${fields}`]),
    ...schemaProblems('ErrorResponse', body),
  ];
}

function streamChecker(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  return new TransformStream({
    transform(bytes, controller) {
      controller.enqueue(bytes);
      const events = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) checkEvent(event);
    },
  });
}

function checkEvent(event: string): void {
  if (event.startsWith(':') || event === 'data: [DONE]') return;
  if (!event.startsWith('data: {')) {
    problems.push(`not an event of this API: ${event.slice(0, 100)}`);
    return;
  }
  const data: unknown = JSON.parse(event.slice('data: '.length));
  const isError = typeof data === 'object' && data !== null && 'error' in data;
  problems.push(
    ...(isError ? errorProblems(data) : schemaProblems('CreateChatCompletionStreamResponse', data)),
  );
}
