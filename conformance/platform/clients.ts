import { OpenAI, type ClientOptions } from 'openai';
import { inject } from 'vitest';
import { WeAI } from 'weai';
import { observedFetch } from './observed.ts';

/** The model whose weights every install has. */
export const model = 'smollm2-135m';

export const { baseUrl, apiKey } = inject('server');

const options: ClientOptions = {
  apiKey,
  baseURL: baseUrl,
  maxRetries: 0,
  timeout: 50_000,
  fetch: observedFetch,
};

/** The same options for either client; `overrides` wins. */
export function makeClient(Client: typeof OpenAI | typeof WeAI, overrides: ClientOptions = {}): OpenAI {
  return new Client({ ...options, ...overrides });
}

/** The client for tests that do not depend on which one asks. */
export const client = makeClient(WeAI);

/** Both official clients, for the tests that each must pass. */
export const clients: [name: string, client: OpenAI][] = [
  ['openai', makeClient(OpenAI)],
  ['weai', client],
];

/** A question as short as a question can be. */
export function ask(content: string): OpenAI.ChatCompletionMessageParam[] {
  return [{ role: 'user', content }];
}

/**
 * Has the prompt read once, so that all later answers to it start from the same cached prefix. The engine reads a new
 * prompt in one batch and a cached one in another; the last bits of the logits differ between the two, and now and then
 * two tokens are as close as that.
 */
export async function readOnce(messages: OpenAI.ChatCompletionMessageParam[]): Promise<void> {
  await client.chat.completions.create({ model, messages, max_completion_tokens: 1 });
}

/**
 * Adds WeAI's extensions to a request. They are not in the official types, and the official clients pass on
 * whatever they are given.
 */
export function extended<Request extends object>(
  request: Request,
  extensions: { ignore_eos?: boolean; top_k?: number; min_p?: number; repetition_penalty?: number },
): Request {
  return { ...request, ...extensions };
}
