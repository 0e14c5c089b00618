import { SseParser } from '@weai/protocol/sse';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { expect, onTestFinished } from 'vitest';
import { chunk, events, type Script, ScriptedUpstream, usage } from '../engines/testing/scripted-upstream.ts';
import { Upstream, type UpstreamLimits } from '../engines/upstream.ts';
import type { ChatDependencies } from './routes.ts';
import { chatServer } from './testing.ts';

export interface Setup {
  kind?: 'vllm' | 'embedded' | 'ollama';
  imageInput?: boolean;
  limits?: Partial<UpstreamLimits>;
  eventStream?: ChatDependencies['eventStream'];
  metering?: ChatDependencies['metering'];
}

/** A server in front of one scripted upstream for each script; both are closed with the test that asks. */
export async function serve(scripts: Script[], setup: Setup = {}) {
  const upstreams = await Promise.all(scripts.map((script) => new ScriptedUpstream(script).listen()));
  const upstream = new Upstream(setup.limits);
  const deployments = upstreams.map((one) =>
    one.deployment({ kind: setup.kind ?? 'vllm' }, { imageInput: setup.imageInput ?? false }),
  );
  const server = await chatServer(deployments, {
    upstream,
    ...(setup.eventStream ? { eventStream: setup.eventStream } : {}),
    ...(setup.metering ? { metering: setup.metering } : {}),
  });
  onTestFinished(async () => {
    await server.app.close();
    await upstream.close();
    await Promise.all(upstreams.map((one) => one.close()));
  });
  return { ...server, upstreams, deployments };
}

/** The data of every event. */
export function dataOf(text: string): string[] {
  return new SseParser().push(new TextEncoder().encode(text));
}

/** The completion that an answer has. */
export async function json(response: Response): Promise<ChatCompletion> {
  return (await response.json()) as ChatCompletion;
}

/** What an answer says that failed. */
export async function errorOf(
  response: Response,
): Promise<{ status: number; code: string; param: string | null }> {
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  return { status: response.status, code: error.code, param: error.param };
}

/** A whole answer of an engine. */
export const hello = events(
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hellö' }),
  chunk({ content: ' 🐢"\n' }),
  chunk({}, 'stop'),
  usage(10, 3, 4),
);
/** Its counts, as a client gets them. */
export const helloUsage = {
  prompt_tokens: 10,
  completion_tokens: 3,
  total_tokens: 13,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
/** It all, as a client gets it. */
export const helloCompletion = {
  id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
  object: 'chat.completion',
  created: expect.closeTo(Date.now() / 1000, -2),
  model: 'test-model',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hellö 🐢"\n', refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: helloUsage,
  service_tier: 'default',
  system_fingerprint: expect.stringMatching(/^fp_/),
};

/** Answers with these events, and then nothing more. */
export const hang =
  (text: string): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text || ': waiting\n\n');
  };
