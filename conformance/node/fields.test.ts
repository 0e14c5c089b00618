import { describe, expect, inject, test } from 'vitest';
import type { DescribedSchema } from '../platform/description.ts';
import { ask, model } from '../platform/clients.ts';
import { post } from '../platform/raw.ts';

const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };

/** A valid, telling value for every field of `CreateChatCompletionRequest` in version 2.3.0 of the description. */
const values: Record<string, unknown> = {
  audio: { voice: 'alloy', format: 'mp3' },
  frequency_penalty: 0.5,
  function_call: 'none',
  functions: [{ name: 'f' }],
  logit_bias: { '338': 1 },
  logprobs: true,
  max_completion_tokens: 2,
  max_tokens: 2,
  messages: ask('Hi'),
  metadata: { a: 'b' },
  modalities: ['text', 'audio'],
  model,
  moderation: { model: 'omni-moderation-latest' },
  n: 2,
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'Hello' },
  presence_penalty: 0.5,
  prompt_cache_key: 'key',
  prompt_cache_options: {},
  prompt_cache_retention: '24h',
  reasoning_effort: 'low',
  response_format: { type: 'text' },
  safety_identifier: 'hash',
  seed: 1,
  service_tier: 'flex',
  stop: 'x',
  store: true,
  stream: false,
  stream_options: { include_usage: true },
  temperature: 0.5,
  tool_choice: 'auto',
  tools: [tool],
  top_logprobs: 1,
  top_p: 0.9,
  user: 'user',
  verbosity: 'low',
  web_search_options: {},
};

/** Fields that mean nothing without another one. */
const companions: Record<string, object> = {
  tool_choice: { tools: [tool] },
  parallel_tool_calls: { tools: [tool] },
  top_logprobs: { logprobs: true },
  stream_options: { stream: true },
};

/** Fields whose meaning no engine here has, so that accepting them would be ignoring them. */
const refused = new Set(['audio', 'modalities', 'moderation', 'store', 'web_search_options']);

describe('no field is ignored: it is honoured, or refused by its name', () => {
  test.each(Object.keys(values))('%s', async (field) => {
    const request = { model, messages: ask('Hi'), ...companions[field], [field]: values[field] };
    if (field !== 'max_tokens') Object.assign(request, { max_completion_tokens: 2 });
    const response = await post(JSON.stringify(request));
    if (response.status === 200) {
      expect(refused, 'must not be accepted').not.toContain(field);
      await response.text();
      return;
    }
    expect(response.status).toBe(400);
    const { error }: { error: { param: string; code: string } } = JSON.parse(await response.text());
    expect(error.param.split('.')[0]).toBe(field);
    expect(error.code).toMatch(/^unsupported_(parameter|value)$/);
  });

  test.each(['top_k', 'min_p', 'repetition_penalty', 'ignore_eos'])(
    'extension %s is honoured',
    async (field) => {
      const value = { top_k: 5, min_p: 0.1, repetition_penalty: 1.1, ignore_eos: true }[field];
      const response = await post(
        JSON.stringify({ model, messages: ask('Hi'), max_completion_tokens: 2, [field]: value }),
      );
      expect(response.status, await response.text()).toBe(200);
    },
  );
});

test('the table has every field of the description', () => {
  const schemas = inject('schemas');
  const described = new Set<string>();
  const visit = (schema: DescribedSchema): void => {
    if (schema.$ref) visit(schemas?.[schema.$ref.split('/').at(-1) ?? ''] ?? {});
    for (const part of schema.allOf ?? []) visit(part);
    for (const name of Object.keys(schema.properties ?? {})) described.add(name);
  };
  visit(schemas?.['CreateChatCompletionRequest'] ?? {});
  expect([...described].filter((name) => !(name in values))).toEqual([]);
});
