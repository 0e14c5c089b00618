import { describe, expect, test } from 'vitest';
import { ask, client, clients, extended, model } from '../platform/clients.ts';

describe.each(clients)('a plain completion with %s', (_name, client) => {
  test('has every field that applications read', async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model, messages: ask('Say hello.'), max_completion_tokens: 20 })
      .withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      model,
      id: expect.stringMatching(/^chatcmpl-\w{8,}$/),
    });
    expect(Math.abs(data.created - Date.now() / 1000)).toBeLessThan(60);
    expect(data.choices).toHaveLength(1);
    expect(data.choices[0]).toMatchObject({
      index: 0,
      logprobs: null,
      message: { role: 'assistant', refusal: null },
    });
    expect(data.choices[0]?.message.content).toMatch(/\S/);
    const { prompt_tokens, completion_tokens, total_tokens } = data.usage ?? {};
    expect(prompt_tokens).toBeGreaterThan(5);
    expect(completion_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(Number(prompt_tokens) + Number(completion_tokens));
    expect(response.headers.get('x-request-id')).toBe(request_id);
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
    expect(response.headers.has('x-weai-stand-in')).toBe(false);
  });

  test('of a model that stands in says what really answered', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'llama3.1-8B', messages: ask('Say hello.'), max_completion_tokens: 3 })
      .withResponse();
    expect(data.model).toBe(model);
    expect(response.headers.get('x-weai-stand-in')).toBe('true');
  });
});

describe('messages', () => {
  test('of every role and in parts are accepted, and count as prompt', async () => {
    const completion = await client.chat.completions.create({
      model,
      max_completion_tokens: 5,
      messages: [
        { role: 'system', content: 'You are terse.' },
        { role: 'developer', content: [{ type: 'text', text: 'Use English.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is ' },
            { type: 'text', text: '2 + 2?' },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'Four: ' }] },
        { role: 'user', content: 'Weather in Oslo? é 日本 🙂' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Sunny' },
      ],
    });
    expect(completion.usage?.prompt_tokens).toBeGreaterThan(40);
  });

  test('identical to the last ones are answered from the cache, and usage says so', async () => {
    const messages = ask(
      `Run ${Date.now()}. ${'The quick brown fox jumps over the lazy dog. '.repeat(12)}Say yes.`,
    );
    const cached = async (): Promise<number> => {
      const { usage } = await client.chat.completions.create({ model, messages, max_completion_tokens: 2 });
      expect(usage?.prompt_tokens_details?.cached_tokens).toBeLessThan(Number(usage?.prompt_tokens));
      return usage?.prompt_tokens_details?.cached_tokens ?? -1;
    };
    const first = await cached();
    const second = await cached();
    expect(second, `first ${first}`).toBeGreaterThan(first + 50);
  });
});

describe('the length of an answer', () => {
  test.each([
    ['max_completion_tokens', 1],
    ['max_completion_tokens', 9],
    ['max_tokens', 6],
  ])('%s: %i is exact', async (field, tokens) => {
    const completion = await client.chat.completions.create(
      extended({ model, messages: ask('Tell me a story.'), [field]: tokens }, { ignore_eos: true }),
    );
    expect(completion.usage?.completion_tokens).toBe(tokens);
    expect(completion.choices[0]?.finish_reason).toBe('length');
  });

  test('the starter ends an answer without a limit after 1,024 tokens, and says so', async () => {
    const completion = await client.chat.completions.create(
      extended({ model, messages: ask('Tell me a story.') }, { ignore_eos: true }),
    );
    expect(completion.usage?.completion_tokens).toBe(1024);
    expect(completion.choices[0]?.finish_reason).toBe('length');
  });

  test('an answer that ends by itself says stop, and one that reaches its limit length', async () => {
    const reasons = new Set<string>();
    // What the starter says to one seed depends on the batches it is computed in: among ten answers some end early.
    for (let seed = 1; seed <= 10 && !reasons.has('stop'); seed += 1) {
      const { choices, usage } = await client.chat.completions.create({
        model,
        messages: ask('Reply with the single word: yes'),
        seed,
        max_completion_tokens: 100,
      });
      const reason = String(choices[0]?.finish_reason);
      expect([reason, usage?.completion_tokens]).toEqual([
        Number(usage?.completion_tokens) < 100 ? 'stop' : 'length',
        usage?.completion_tokens,
      ]);
      reasons.add(reason);
    }
    expect(reasons).toContain('stop');
  });

  test('n: 2 gives two choices, and usage counts both', async () => {
    const completion = await client.chat.completions.create(
      extended(
        { model, messages: ask('A story:'), n: 2, max_completion_tokens: 8, seed: 3 },
        { ignore_eos: true },
      ),
    );
    expect(completion.choices.map((choice) => [choice.index, choice.finish_reason])).toEqual([
      [0, 'length'],
      [1, 'length'],
    ]);
    expect(completion.choices[0]?.message.content).not.toBe(completion.choices[1]?.message.content);
    expect(completion.usage?.completion_tokens).toBe(16);
  });
});

test('metadata, user, safety_identifier and prompt_cache_key are accepted', async () => {
  const completion = await client.chat.completions.create({
    model,
    messages: ask('Hi'),
    max_completion_tokens: 1,
    metadata: { purpose: 'conformance' },
    user: 'user-1',
    safety_identifier: 'hash-1',
    prompt_cache_key: 'conversation-1',
  });
  expect(completion.choices).toHaveLength(1);
});
