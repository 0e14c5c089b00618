import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chatRequestSchema, completionTokenLimit, stopSequences } from './chat-request.ts';
import { parseChatRequest } from './parse-chat-request.ts';
import { messageText } from './chat-messages.ts';
import { ApiError } from './errors.ts';

const user = { role: 'user', content: 'Where was the 2020 World Series played?' };
const base = { model: 'llama3.1-8B', messages: [user] };
const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } };

function refusalOf(body: unknown): ApiError {
  try {
    parseChatRequest(body);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(body)}`);
}

describe('accepted', () => {
  test.each<[string, object]>([
    ['the smallest request', {}],
    [
      'sampling at its bounds',
      {
        temperature: 2,
        top_p: 0,
        n: 128,
        frequency_penalty: -2,
        presence_penalty: 2,
        seed: -1,
        top_k: -1,
        min_p: 1,
        repetition_penalty: 2,
        ignore_eos: true,
        logprobs: true,
        top_logprobs: 20,
        logit_bias: { 0: -100, 128000: 100 },
        stop: ['a', 'b', 'c', 'd'.repeat(1024)],
      },
    ],
    [
      'null for absent',
      { temperature: null, tools: null, stop: null, stream: null, functions: null, audio: null },
    ],
    [
      'values that change nothing',
      {
        store: false,
        service_tier: 'auto',
        reasoning_effort: 'none',
        verbosity: 'medium',
        modalities: ['text'],
        function_call: 'none',
        prompt_cache_retention: 'in_memory',
      },
    ],
    ['equal token limits', { max_tokens: 5, max_completion_tokens: 5 }],
    [
      'names of the client',
      { user: 'u', safety_identifier: 's', prompt_cache_key: 'k', metadata: { a: 'b' } },
    ],
    [
      'a stream with usage',
      { stream: true, stream_options: { include_usage: true, include_obfuscation: false } },
    ],
    ['a named tool', { tools: [weather], tool_choice: { type: 'function', function: { name: 'weather' } } }],
    [
      'allowed tools',
      {
        tools: [weather],
        parallel_tool_calls: false,
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'weather' } }] },
        },
      },
    ],
    [
      'a recursive schema',
      {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'tree',
            strict: true,
            schema: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } },
          },
        },
      },
    ],
    [
      'every role, an answer sent back as history, and a tool message with its function name',
      {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'a' }] },
          { role: 'developer', content: 'b' },
          user,
          {
            role: 'assistant',
            content: null,
            refusal: null,
            annotations: [],
            audio: null,
            function_call: null,
            tool_calls: [call],
          },
          { role: 'tool', content: '21 °C', tool_call_id: 'call_1', name: 'weather' },
          { role: 'assistant', content: '' },
        ],
      },
    ],
    [
      'an image part, which the deployment decides about',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: 'https://a/b.png', detail: 'low' } }],
          },
        ],
      },
    ],
  ])('%s', (_, fields) => {
    expect(() => parseChatRequest({ ...base, ...fields })).not.toThrow();
  });
});

const message = (fields: object) => ({ messages: [fields] });

describe('refused', () => {
  test.each<[object, string, string]>([
    [{ model: undefined }, 'missing_required_parameter', 'model'],
    [{ model: '' }, 'invalid_value', 'model'],
    [{ model: 3 }, 'invalid_type', 'model'],
    [{ messages: [] }, 'invalid_value', 'messages'],
    [{ messages: 'hi' }, 'invalid_type', 'messages'],
    [{ messages: Array.from({ length: 10_000 }, () => user) }, 'invalid_value', 'messages'],
    [message({ role: 'user' }), 'missing_required_parameter', 'messages.0.content'],
    [message({ content: '' }), 'missing_required_parameter', 'messages.0.role'],
    [message({ role: 'robot', content: '' }), 'invalid_value', 'messages.0.role'],
    [message({ role: 'function', name: 'f', content: '' }), 'unsupported_parameter', 'messages.0.role'],
    [message({ role: 'user', content: '', name: 'Ann' }), 'unsupported_parameter', 'messages.0.name'],
    [message({ role: 'user', content: 1 }), 'invalid_type', 'messages.0.content'],
    [message({ role: 'user', content: [] }), 'invalid_value', 'messages.0.content'],
    [
      message({ role: 'user', content: [{ type: 'text' }] }),
      'missing_required_parameter',
      'messages.0.content.0.text',
    ],
    [
      message({ role: 'user', content: [{ type: 'file', file: {} }] }),
      'unsupported_value',
      'messages.0.content.0',
    ],
    [
      message({ role: 'user', content: [{ type: 'input_audio' }] }),
      'unsupported_value',
      'messages.0.content.0',
    ],
    [message({ role: 'user', content: '\ud800' }), 'invalid_value', 'messages.0.content'],
    [message({ role: 'user', content: 'a\0b' }), 'invalid_value', 'messages.0.content'],
    [message({ role: 'assistant' }), 'missing_required_parameter', 'messages.0.content'],
    [message({ role: 'assistant', content: 'a', tool_calls: [] }), 'invalid_value', 'messages.0.tool_calls'],
    [message({ role: 'assistant', function_call: {} }), 'unsupported_parameter', 'messages.0.function_call'],
    [message({ role: 'tool', content: '', tool_call_id: 'x' }), 'invalid_value', 'messages.0.tool_call_id'],
    [
      {
        messages: [
          { role: 'assistant', tool_calls: [call] },
          user,
          { role: 'tool', content: '', tool_call_id: 'call_1' },
        ],
      },
      'invalid_value',
      'messages.2.tool_call_id',
    ],
    [{ temperature: 2.1 }, 'invalid_value', 'temperature'],
    [{ temperature: '1' }, 'invalid_type', 'temperature'],
    [{ temperature: Number.NaN }, 'invalid_type', 'temperature'],
    [{ top_p: -0.1 }, 'invalid_value', 'top_p'],
    [{ frequency_penalty: 2.5 }, 'invalid_value', 'frequency_penalty'],
    [{ presence_penalty: -3 }, 'invalid_value', 'presence_penalty'],
    [{ n: 0 }, 'invalid_value', 'n'],
    [{ n: 129 }, 'invalid_value', 'n'],
    [{ n: 1.5 }, 'invalid_type', 'n'],
    [{ n: 128, max_tokens: 100_000 }, 'invalid_value', 'max_tokens'],
    [{ max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    [{ max_tokens: 1, max_completion_tokens: 2 }, 'invalid_value', 'max_tokens'],
    [{ stop: [] }, 'invalid_value', 'stop'],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'invalid_value', 'stop'],
    [{ stop: ['a', ''] }, 'invalid_value', 'stop.1'],
    [{ stop: 'a'.repeat(1025) }, 'invalid_value', 'stop'],
    [{ stop: ['a', 'b'.repeat(31_000_000)] }, 'invalid_value', 'stop.1'],
    [{ logit_bias: { a: 1 } }, 'invalid_value', 'logit_bias.a'],
    [{ logit_bias: { 1: 101 } }, 'invalid_value', 'logit_bias.1'],
    [{ logit_bias: { 1: 0.5 } }, 'invalid_type', 'logit_bias.1'],
    [{ top_logprobs: 2 }, 'invalid_value', 'top_logprobs'],
    [{ logprobs: true, top_logprobs: 21 }, 'invalid_value', 'top_logprobs'],
    [{ seed: 2 ** 60 }, 'invalid_value', 'seed'],
    [{ seed: Number.POSITIVE_INFINITY }, 'invalid_type', 'seed'],
    [{ repetition_penalty: 0 }, 'invalid_value', 'repetition_penalty'],
    [{ metadata: { a: 1 } }, 'invalid_type', 'metadata.a'],
    [{ metadata: { store: 1 } }, 'invalid_type', 'metadata.store'],
    [
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [String(at), ''])) },
      'invalid_value',
      'metadata',
    ],
    [{ metadata: { ['k'.repeat(65)]: '' } }, 'invalid_value', `metadata.${'k'.repeat(65)}`],
    [{ safety_identifier: 'x'.repeat(65) }, 'invalid_value', 'safety_identifier'],
    [{ stream_options: {} }, 'invalid_value', 'stream_options'],
    [
      { stream: true, stream_options: { include_obfuscation: true } },
      'unsupported_value',
      'stream_options.include_obfuscation',
    ],
    [{ stream: 'yes' }, 'invalid_type', 'stream'],
    [{ tools: [] }, 'invalid_value', 'tools'],
    [{ tools: Array.from({ length: 129 }, () => weather) }, 'invalid_value', 'tools'],
    [{ tools: [weather, weather] }, 'invalid_value', 'tools.1.function.name'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'unsupported_value', 'tools.0'],
    [{ tools: [{ type: 'function', function: { name: 'a b' } }] }, 'invalid_value', 'tools.0.function.name'],
    [
      { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'thing' } } }] },
      'invalid_value',
      'tools.0.function.parameters.type',
    ],
    [{ tool_choice: 'auto' }, 'invalid_value', 'tool_choice'],
    [{ tools: [weather], tool_choice: 'any' }, 'invalid_value', 'tool_choice'],
    [{ tools: [weather], tool_choice: { type: 'custom', custom: {} } }, 'unsupported_value', 'tool_choice'],
    [
      { tools: [weather], tool_choice: { type: 'function', function: { name: 'other' } } },
      'invalid_value',
      'tool_choice.function.name',
    ],
    [{ parallel_tool_calls: true }, 'invalid_value', 'parallel_tool_calls'],
    [{ response_format: { type: 'xml' } }, 'invalid_value', 'response_format.type'],
    [{ response_format: 'json' }, 'invalid_type', 'response_format'],
    [{ store: 'yes' }, 'invalid_type', 'store'],
    [{ service_tier: 'flex' }, 'unsupported_value', 'service_tier'],
    [{ reasoning_effort: 'high' }, 'unsupported_value', 'reasoning_effort'],
    [{ verbosity: 'low' }, 'unsupported_value', 'verbosity'],
    [{ modalities: ['text', 'audio'] }, 'unsupported_value', 'modalities'],
    [{ audio: { voice: 'a', format: 'wav' } }, 'unsupported_parameter', 'audio'],
    [{ prediction: {} }, 'unsupported_parameter', 'prediction'],
    [{ web_search_options: {} }, 'unsupported_parameter', 'web_search_options'],
    [{ moderation: {} }, 'unsupported_parameter', 'moderation'],
    [{ functions: [] }, 'unsupported_parameter', 'functions'],
    [{ function_call: 'auto' }, 'unsupported_value', 'function_call'],
    [{ temprature: 1 }, 'unknown_parameter', 'temprature'],
  ])('%j: %s at %s', (fields, code, param) => {
    const refusal = refusalOf({ ...base, ...fields });
    expect({ code: refusal.code, param: refusal.param, status: refusal.status }).toEqual({
      code,
      param,
      status: 400,
    });
  });

  test.each([null, [], 'text', 3, undefined])('a body of %j', (body) => {
    expect(refusalOf(body).code).toBe('invalid_type');
  });

  test('a body nested ten thousand deep', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
    expect(refusalOf({ ...base, tools: [deep] }).code).toBe('invalid_value');
  });

  test('__proto__ as a key', () => {
    const body: unknown = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"a"}],"__proto__":{}}',
    );
    expect(refusalOf(body).code).toBe('invalid_value');
  });

  test.each([
    [{ temperature: '1' }, "Invalid type for 'temperature': expected a number, but got a string instead."],
    [
      message({ role: 'user', content: 1 }),
      "Invalid type for 'messages.0.content': expected a string or an array, but got an integer instead.",
    ],
    [{ n: 0 }, "Invalid 'n': expected a number of at least 1, but got 0."],
    [{ stop: [] }, "Invalid 'stop': expected at least 1 item, but got 0."],
    [
      { service_tier: 'flex' },
      `Unsupported value: 'service_tier' does not support "flex". Supported values are: "auto", "default".`,
    ],
    [
      { modalities: ['text', 'audio'] },
      `Unsupported value: 'modalities' does not support ["text","audio"]. Leave it out.`,
    ],
    [
      { stream: true, stream_options: { include_obfuscation: true } },
      "Unsupported value: 'stream_options.include_obfuscation' does not support true. Supported values are: false.",
    ],
    [
      { tools: [{ type: 'web_search' }] },
      `Invalid value: "web_search". Supported values of 'tools.0.type' are: "function".`,
    ],
    [
      { response_format: { type: 'xml' } },
      `Invalid value: "xml". Supported values of 'response_format.type' are: "text", "json_object", "json_schema".`,
    ],
  ])('%j in words that help', (fields, words) => {
    expect(refusalOf({ ...base, ...fields }).message).toBe(words);
  });

  test('whatever comes, with an ApiError and never another error', () => {
    const fields = Object.keys(chatRequestSchema.shape);
    const body = fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), fc.jsonValue());
    const property = fc.property(body, fc.array(fc.jsonValue()), (random, messages) => {
      for (const candidate of [random, { ...base, ...random }, { ...base, messages }]) {
        try {
          parseChatRequest(candidate);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
        }
      }
    });
    expect(() => fc.assert(property, { numRuns: 500 })).not.toThrow();
  });
});

test('a refusal in the history becomes text', () => {
  const request = parseChatRequest({
    ...base,
    messages: [user, { role: 'assistant', refusal: 'I will not.' }],
  });
  expect(request.messages[1]).toEqual({ role: 'assistant', content: 'I will not.' });
});

test('text parts are joined', () => {
  const parts = [
    { type: 'text' as const, text: 'a' },
    { type: 'text' as const, text: 'b' },
  ];
  expect(messageText({ role: 'user', content: parts })).toBe('ab');
});

test('the token limit and stop strings are read from either form', () => {
  expect(completionTokenLimit(parseChatRequest({ ...base, max_tokens: 7 }))).toBe(7);
  expect(completionTokenLimit(parseChatRequest({ ...base, max_completion_tokens: 8 }))).toBe(8);
  expect(completionTokenLimit(parseChatRequest(base))).toBeNull();
  expect(stopSequences(parseChatRequest({ ...base, stop: 'x' }))).toEqual(['x']);
  expect(stopSequences(parseChatRequest(base))).toEqual([]);
});
