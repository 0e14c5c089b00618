import type { OpenAI } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ask, client, clients, model } from '../platform/clients.ts';
import { expectCommonAnswer } from '../platform/repeated.ts';

const paintSchema = z.object({
  colour: z.enum(['red', 'green', 'blue']),
  glossy: z.boolean(),
  maker: z.object({ country: z.enum(['Norway', 'Japan']), since: z.enum(['1900', '1950']) }),
  use: z.union([z.literal('indoor'), z.literal('outdoor')]).nullable(),
});
const response_format = zodResponseFormat(paintSchema, 'paint');
const messages = ask('Describe a green paint from Japan as JSON.');

describe.each(clients)('a schema with %s', (_name, client) => {
  test('is held by parse()', async () => {
    const completion = await client.chat.completions.parse({
      model,
      messages,
      response_format,
      max_completion_tokens: 120,
    });
    const [choice] = completion.choices;
    expect(choice?.finish_reason).toBe('stop');
    expect(paintSchema.parse(choice?.message.parsed)).toEqual(JSON.parse(choice?.message.content ?? ''));
    expect(choice?.message.refusal).toBeNull();
  });

  test('is held by a stream', async () => {
    const stream = client.chat.completions.stream({
      model,
      messages,
      response_format,
      max_completion_tokens: 120,
    });
    const completion = await stream.finalChatCompletion();
    expect(paintSchema.safeParse(completion.choices[0]?.message.parsed).error).toBeUndefined();
  });
});

test.each([1, 2, 3])('a schema is held at temperature 2, seed %i', async (seed) => {
  const completion = await client.chat.completions.parse({
    model,
    messages,
    response_format,
    temperature: 2,
    seed,
    max_completion_tokens: 200,
  });
  expect(paintSchema.safeParse(completion.choices[0]?.message.parsed).error).toBeUndefined();
});

test('numbers, arrays, patterns of length and recursion by $ref are held', async () => {
  const completion = await client.chat.completions.create({
    model,
    messages: ask('Give me a short tree.'),
    max_completion_tokens: 400,
    temperature: 0,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'tree',
        strict: true,
        schema: {
          type: 'object',
          properties: {
            size: { type: 'integer', minimum: 1, maximum: 9 },
            tags: { type: 'array', items: { enum: ['a', 'b'] }, minItems: 2, maxItems: 2 },
            child: { anyOf: [{ $ref: '#/$defs/leaf' }, { type: 'null' }] },
          },
          required: ['size', 'tags', 'child'],
          additionalProperties: false,
          $defs: {
            leaf: {
              type: 'object',
              properties: { kind: { const: 'leaf' } },
              required: ['kind'],
              additionalProperties: false,
            },
          },
        },
      },
    },
  });
  const tree = z.strictObject({
    size: z.int().min(1).max(9),
    tags: z.array(z.enum(['a', 'b'])).length(2),
    child: z.strictObject({ kind: z.literal('leaf') }).nullable(),
  });
  expect(completion.choices[0]?.finish_reason).toBe('stop');
  expect(tree.safeParse(JSON.parse(completion.choices[0]?.message.content ?? '')).error).toBeUndefined();
});

test('a schema cut by the limit says length', async () => {
  const completion = await client.chat.completions.create({
    model,
    messages,
    response_format,
    max_completion_tokens: 4,
  });
  expect(completion.choices[0]?.finish_reason).toBe('length');
  expect(completion.usage?.completion_tokens).toBe(4);
  expect(() => JSON.parse(completion.choices[0]?.message.content ?? '') as unknown).toThrow(SyntaxError);
});

test('json_object gives an object, or says that it was cut', async () => {
  const completion = await client.chat.completions.create({
    model,
    messages: ask('Answer in JSON with one key "answer": what is 2 + 2?'),
    response_format: { type: 'json_object' },
    temperature: 0,
    max_completion_tokens: 200,
  });
  const [choice] = completion.choices;
  expect(choice?.message.content).toMatch(/^\s*\{/);
  if (choice?.finish_reason === 'stop') expect(JSON.parse(choice.message.content ?? '')).toBeTypeOf('object');
  else expect(choice?.finish_reason).toBe('length');
});

test('text is what it is without response_format', async () => {
  const say = async (more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}): Promise<string> => {
    const request = { model, messages: ask('Say hello.'), temperature: 0, max_completion_tokens: 10 };
    const completion = await client.chat.completions.create({ ...request, ...more });
    return completion.choices[0]?.message.content ?? '';
  };
  await expectCommonAnswer(say, () => say({ response_format: { type: 'text' } }));
});
