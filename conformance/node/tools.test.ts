import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ask, client, clients, model } from '../platform/clients.ts';

const argumentsSchema = z.strictObject({
  city: z.enum(['Oslo', 'Bergen']),
  unit: z.enum(['celsius', 'kelvin']),
});

function functionTool(name: string): OpenAI.ChatCompletionFunctionTool {
  return {
    type: 'function',
    function: {
      name,
      description: `Answers questions about the ${name} of a city.`,
      strict: true,
      parameters: {
        type: 'object',
        properties: {
          city: { type: 'string', enum: ['Oslo', 'Bergen'] },
          unit: { enum: ['celsius', 'kelvin'] },
        },
        required: ['city', 'unit'],
        additionalProperties: false,
      },
    },
  };
}

const tools = [functionTool('weather'), functionTool('sea_level')];
const weather = { type: 'function', function: { name: 'weather' } } as const;
const messages = ask('What is the weather in Oslo, in celsius?');
const request = { model, messages, tools, temperature: 0, max_completion_tokens: 120 };

function checkCall(
  call: OpenAI.ChatCompletionMessageToolCall | undefined,
): OpenAI.ChatCompletionMessageFunctionToolCall {
  if (call?.type !== 'function') throw new Error(`not a function call: ${JSON.stringify(call)}`);
  expect(call.id).toMatch(/^call_\w{8,}$/);
  expect(argumentsSchema.safeParse(JSON.parse(call.function.arguments)).error).toBeUndefined();
  return call;
}

describe.each(clients)('a tool loop of two turns with %s', (_name, client) => {
  test('calls the forced tool, then answers from its result', async () => {
    const first = await client.chat.completions.create({ ...request, tool_choice: weather });
    const [choice] = first.choices;
    expect(choice?.message.content).toBeNull();
    expect(choice?.message.tool_calls).toHaveLength(1);
    const call = checkCall(choice?.message.tool_calls?.[0]);
    expect(call.function.name).toBe('weather');
    const second = await client.chat.completions.create({
      ...request,
      messages: [
        ...messages,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: call.id, content: '{"temperature": 21}' },
      ],
      tool_choice: 'none',
      max_completion_tokens: 30,
    });
    expect(second.choices[0]?.message.content).toMatch(/\S/);
    expect(second.choices[0]?.message.tool_calls).toBeUndefined();
  });
});

describe('tool_choice', () => {
  test('of a function names the tool and ends with stop or tool_calls', async () => {
    const completion = await client.chat.completions.create({
      ...request,
      tool_choice: { type: 'function', function: { name: 'sea_level' } },
    });
    expect(checkCall(completion.choices[0]?.message.tool_calls?.[0]).function.name).toBe('sea_level');
    expect(['stop', 'tool_calls']).toContain(completion.choices[0]?.finish_reason);
  });

  test('required calls one of the tools', async () => {
    const completion = await client.chat.completions.create({ ...request, tool_choice: 'required' });
    const calls = completion.choices[0]?.message.tool_calls ?? [];
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) expect(['weather', 'sea_level']).toContain(checkCall(call).function.name);
    expect(completion.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('none gives text and no calls', async () => {
    const completion = await client.chat.completions.create({
      ...request,
      tool_choice: 'none',
      max_completion_tokens: 20,
    });
    expect(completion.choices[0]?.message.tool_calls).toBeUndefined();
    expect(completion.choices[0]?.message.content).toMatch(/\S/);
    expect(['stop', 'length']).toContain(completion.choices[0]?.finish_reason);
  });

  test.each(['auto', undefined])('%s gives text or well-formed calls', async (toolChoice) => {
    const completion = await client.chat.completions.create({
      ...request,
      ...(toolChoice === undefined ? {} : { tool_choice: 'auto' as const }),
    });
    const [choice] = completion.choices;
    if (choice?.finish_reason === 'tool_calls')
      for (const call of choice.message.tool_calls ?? []) checkCall(call);
    else expect(choice?.message.content).toMatch(/\S/);
  });

  test('allowed_tools narrows the tools without changing the list', async () => {
    const completion = await client.chat.completions.create({
      ...request,
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'sea_level' } }] },
      },
    });
    const names = completion.choices[0]?.message.tool_calls?.map((call) => checkCall(call).function.name);
    expect(new Set(names)).toEqual(new Set(['sea_level']));
  });

  test('of a tool that is not in the list is refused', async () => {
    const refused = client.chat.completions.create({
      ...request,
      tool_choice: { type: 'function', function: { name: 'missing' } },
    });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      param: expect.stringMatching(/^tool_choice/),
    });
  });

  test('parallel_tool_calls: false gives one call', async () => {
    const completion = await client.chat.completions.create({
      ...request,
      messages: ask('What is the weather in Oslo and in Bergen?'),
      tool_choice: 'required',
      parallel_tool_calls: false,
    });
    expect(completion.choices[0]?.message.tool_calls).toHaveLength(1);
  });
});

test('a streamed call has its id and name first, stable indexes and one finish', async () => {
  const stream = await client.chat.completions.create({ ...request, tool_choice: 'required', stream: true });
  const argumentsByIndex = new Map<number, string>();
  const finishes: string[] = [];
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    if (choice?.finish_reason) finishes.push(choice.finish_reason);
    for (const call of choice?.delta.tool_calls ?? []) {
      const known = argumentsByIndex.get(call.index);
      if (known === undefined) {
        expect(call.index, 'indexes count up from 0').toBe(argumentsByIndex.size);
        expect(call).toMatchObject({ type: 'function', id: expect.stringMatching(/^call_\w{8,}$/) });
        expect(['weather', 'sea_level']).toContain(call.function?.name);
      } else {
        expect(call.id).toBeUndefined();
        expect(call.function?.name).toBeUndefined();
      }
      argumentsByIndex.set(call.index, (known ?? '') + (call.function?.arguments ?? ''));
    }
  }
  expect(finishes).toEqual(['tool_calls']);
  expect(argumentsByIndex.size).toBeGreaterThan(0);
  for (const text of argumentsByIndex.values()) {
    expect(argumentsSchema.safeParse(JSON.parse(text)).error, text).toBeUndefined();
  }
});

test('a call that is cut says length, not tool_calls', async () => {
  const completion = await client.chat.completions.create({
    ...request,
    tool_choice: 'required',
    max_completion_tokens: 5,
  });
  expect(completion.choices[0]?.finish_reason).toBe('length');
  expect(completion.choices[0]?.message.content ?? '', 'markup of the call').toBe('');
  expect(completion.usage?.completion_tokens).toBe(5);
});

test('a call that a stop string ends says stop, not tool_calls', async () => {
  const completion = await client.chat.completions.create({
    ...request,
    tool_choice: 'required',
    stop: ['"city"'],
  });
  expect(completion.choices[0]?.message.tool_calls?.[0]).toMatchObject({ type: 'function' });
  expect(completion.choices[0]?.finish_reason).toBe('stop');
});
