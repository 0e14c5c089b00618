import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, client, clients, extended, model } from '../platform/clients.ts';
import { post, readEvents } from '../platform/raw.ts';
import { expectCommonAnswer } from '../platform/repeated.ts';

const question = {
  model,
  messages: ask('Tell me a story about a dog.'),
  temperature: 0,
  max_completion_tokens: 12,
};

async function streamRaw(request: object): Promise<{ chunks: OpenAI.ChatCompletionChunk[]; text: string }> {
  const response = await post(JSON.stringify({ ...question, stream: true, ...request }));
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const text = await response.clone().text();
  const events = await readEvents(response);
  expect(events.pop()).toBe('[DONE]');
  return { chunks: events.map((event): OpenAI.ChatCompletionChunk => JSON.parse(event)), text };
}

describe('the bytes of a stream', () => {
  test('come in the order of the API: role, content, finish, usage, [DONE]', async () => {
    const { chunks, text } = await streamRaw({ ignore_eos: true, stream_options: { include_usage: true } });
    const [role, ...middle] = chunks;
    const usage = middle.pop();
    const finish = middle.pop();
    expect(role?.choices).toEqual([
      {
        index: 0,
        delta: expect.objectContaining({ role: 'assistant', content: '' }),
        finish_reason: null,
        logprobs: null,
      },
    ]);
    expect(middle.length).toBeGreaterThan(1);
    for (const chunk of middle) {
      expect(chunk.choices).toEqual([
        { index: 0, delta: { content: expect.stringMatching(/./s) }, finish_reason: null, logprobs: null },
      ]);
    }
    expect(finish?.choices).toEqual([{ index: 0, delta: {}, finish_reason: 'length', logprobs: null }]);
    expect(usage).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
    expect(chunks.slice(0, -1).map((chunk) => chunk.usage)).toEqual(chunks.slice(0, -1).map(() => null));
    const identities = chunks.map(({ id, created, model, object }) =>
      JSON.stringify([id, created, model, object]),
    );
    expect(new Set(identities).size).toBe(1);
    expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
  });

  test('have no usage that nobody asked for', async () => {
    const { chunks } = await streamRaw({});
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
    expect(chunks.some((chunk) => chunk.usage)).toBe(false);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toMatch(/stop|length/);
  });

  test('of n: 2 give each choice its role and its finish', async () => {
    const { chunks } = await streamRaw({ n: 2, temperature: 1, ignore_eos: true });
    for (const index of [0, 1]) {
      const own = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === index);
      expect(own[0]?.delta.role).toBe('assistant');
      expect(own.at(-1)).toMatchObject({ delta: {}, finish_reason: 'length' });
      expect(own.filter((choice) => choice.finish_reason !== null)).toHaveLength(1);
    }
  });

  test('have logprobs on the chunks with content', async () => {
    const { chunks } = await streamRaw({ logprobs: true, top_logprobs: 1, ignore_eos: true });
    const tokens = chunks.flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []);
    const content = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(tokens).toHaveLength(12);
    expect(Buffer.from(tokens.flatMap((token) => token.bytes ?? [])).toString()).toBe(content);
  });
});

describe.each(clients)('a stream with %s', (_name, client) => {
  test('says what the plain answer says', async () => {
    await expectCommonAnswer(
      async () => {
        const plain = await client.chat.completions.create(question);
        return plain.choices[0]?.message.content ?? '';
      },
      async () => {
        let content = '';
        for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
          content += chunk.choices[0]?.delta.content ?? '';
        }
        return content;
      },
    );
  });

  test('can be collected by the helper', async () => {
    const stream = client.chat.completions.stream({ ...question, stream_options: { include_usage: true } });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]?.message.content).toMatch(/\S/);
    expect(completion.usage?.completion_tokens).toBeGreaterThan(0);
    expect((await stream.totalUsage()).total_tokens).toBe(completion.usage?.total_tokens);
  });
});

test('a stream of a stand-in says so in header and chunks', async () => {
  const { data, response } = await client.chat.completions
    .create({ ...question, model: 'llama3.1-70B', stream: true })
    .withResponse();
  expect(response.headers.get('x-weai-stand-in')).toBe('true');
  for await (const chunk of data) expect(chunk.model).toBe(model);
});

describe('a client that leaves in mid-stream', () => {
  test('by AbortController ends quietly, and the server goes on', async () => {
    const controller = new AbortController();
    const stream = await client.chat.completions.create(
      extended({ ...question, stream: true, max_completion_tokens: 2000 }, { ignore_eos: true }),
      { signal: controller.signal },
    );
    let seen = 0;
    for await (const chunk of stream) {
      seen += chunk.choices.length;
      if (seen === 4) controller.abort();
    }
    expect(seen).toBeLessThan(50);
    await expectPromptAnswer();
  });

  test('by breaking out of the loop frees the engine', async () => {
    await Promise.all(Array.from({ length: 6 }, leaveAfterFirstToken));
    await expectPromptAnswer();
  });
});

async function leaveAfterFirstToken(): Promise<void> {
  const stream = await client.chat.completions.create(
    extended({ ...question, stream: true, max_completion_tokens: 2000 }, { ignore_eos: true }),
  );
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
}

/** Six forgotten streams of 2,000 tokens would keep the engine busy for minutes. */
async function expectPromptAnswer(): Promise<void> {
  const started = performance.now();
  await client.chat.completions.create({ ...question, max_completion_tokens: 2 });
  expect(performance.now() - started).toBeLessThan(5000);
}
