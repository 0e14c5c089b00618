import type { ChatRequest } from '@weai/protocol/chat-request';
import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { describe, expect, test } from 'vitest';
import type { Deployment, EngineKind } from './deployment.ts';
import { engineRequestBody, kinds, unsupportedBy } from './kinds.ts';

const all = Object.keys(kinds) as EngineKind[];

function deployment(kind: EngineKind): Deployment {
  return {
    id: kind,
    modelId: 'm',
    upstreamModel: 'upstream-name',
    kind,
    endpoint: { baseUrl: 'http://host/v1' },
    apiKey: null,
    capabilities: {
      imageInput: true,
      tools: true,
      structuredOutput: true,
      logprobs: true,
      contextTokens: null,
    },
  };
}

function request(fields: object): ChatRequest {
  return parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields });
}

function sent(kind: EngineKind, fields: object, usualCompletionTokens?: number): Record<string, unknown> {
  const to = deployment(kind);
  if (usualCompletionTokens !== undefined) to.capabilities.usualCompletionTokens = usualCompletionTokens;
  const body: unknown = JSON.parse(engineRequestBody(to, request(fields), 'project-1'));
  return { ...(body as object) };
}

const tools = ['f', 'g'].map((name) => ({ type: 'function', function: { name } }));
const named = { type: 'function', function: { name: 'g' } };
const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named] } };

describe('the body for an engine', () => {
  test('has the usual length of an answer where the request sets none', () => {
    const lengths = (body: Record<string, unknown>) => body['max_completion_tokens'] ?? body['max_tokens'];
    for (const kind of all) {
      expect([kind, lengths(sent(kind, {}, 1024))]).toEqual([kind, 1024]);
      expect([kind, lengths(sent(kind, { max_tokens: 2000 }, 1024))]).toEqual([kind, 2000]);
      expect([kind, lengths(sent(kind, { max_completion_tokens: 7 }, 1024))]).toEqual([kind, 7]);
      expect([kind, lengths(sent(kind, {}))]).toEqual([kind, undefined]);
    }
  });

  test.each(all)('%s is asked for a stream with usage, by its own name, without what is ours', (kind) => {
    const body = sent(kind, {
      user: 'u',
      metadata: { a: 'b' },
      safety_identifier: 's',
      prompt_cache_key: 'k',
      store: false,
      service_tier: 'auto',
      temperature: null,
      top_p: 0.5,
    });
    const scope = { salt: { cache_salt: 'project-1' }, off: { cache_prompt: false }, header: {}, none: {} };
    expect(body).toEqual({
      model: 'upstream-name',
      messages: [{ role: 'user', content: 'hi' }],
      top_p: 0.5,
      stream: true,
      stream_options: { include_usage: true },
      ...scope[kinds[kind].cacheScope],
    });
  });

  test.each<[EngineKind, object, object]>([
    ['llama-server', { repetition_penalty: 1.1 }, { repeat_penalty: 1.1 }],
    ['llama-server', { max_completion_tokens: 5 }, { max_tokens: 5 }],
    [
      'vllm',
      { repetition_penalty: 1.1, max_completion_tokens: 5 },
      { repetition_penalty: 1.1, max_completion_tokens: 5 },
    ],
    ['ollama', { max_completion_tokens: 5 }, { max_tokens: 5 }],
    ['embedded', { tools, tool_choice: allowed }, { tools, tool_choice: allowed }],
    ['vllm', { tools, tool_choice: named }, { tools, tool_choice: named }],
    ['vllm', { tools, tool_choice: allowed }, { tools: [tools[1]], tool_choice: 'auto' }],
    ['llama-server', { tools, tool_choice: named }, { tools: [tools[1]], tool_choice: 'required' }],
  ])('%s gets %j as %j', (kind, fields, expected) => {
    expect(sent(kind, fields)).toMatchObject(expected);
  });

  test('an engine that ignores tool_choice is offered no tools for none', () => {
    expect(sent('ollama', { tools, tool_choice: 'none' })).not.toHaveProperty('tools');
    expect(sent('ollama', { tools, tool_choice: 'auto' })).toHaveProperty('tools');
  });

  test('a developer message becomes a system message where that role is unknown', () => {
    const messages = [{ role: 'developer', content: 'a' }];
    expect(sent('vllm', { messages })).toMatchObject({ messages: [{ role: 'system', content: 'a' }] });
    expect(sent('openai', { messages })).toMatchObject({ messages });
  });
});

describe('what an engine lacks', () => {
  test.each<[EngineKind, object, string | null]>([
    ['embedded', { n: 3, top_k: 5, logit_bias: { 1: 1 } }, null],
    ['ollama', { n: 2 }, 'n'],
    ['ollama', { n: 1 }, null],
    ['ollama', { logit_bias: { 1: 1 } }, 'logit_bias'],
    ['ollama', { tools, parallel_tool_calls: false }, 'parallel_tool_calls'],
    ['ollama', { tools, parallel_tool_calls: true }, null],
    ['ollama', { tools, tool_choice: 'required' }, 'tool_choice'],
    ['openai', { top_k: 40 }, 'top_k'],
    ['openai', { top_k: 0 }, null],
    ['openai', { ignore_eos: true }, 'ignore_eos'],
  ])('%s and %j: %s', (kind, fields, param) => {
    expect(unsupportedBy(deployment(kind), request(fields))?.param ?? null).toBe(param);
  });
});
