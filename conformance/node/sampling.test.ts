import type { OpenAI } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, client, extended, model, readOnce } from '../platform/clients.ts';
import { expectCommonAnswer, repeatedAnswers } from '../platform/repeated.ts';

const story = 'Tell me a story about a dog.';

beforeAll(() => readOnce(ask(story)));

type Request = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model' | 'messages'>;

async function choose(request: Request, question = story) {
  const completion = await client.chat.completions.create(
    extended({ model, messages: ask(question), max_completion_tokens: 16, ...request }, { ignore_eos: true }),
  );
  const [choice] = completion.choices;
  if (!choice) throw new Error('no choice');
  return choice;
}

async function textOf(request: Request, question?: string): Promise<string> {
  return (await choose(request, question)).message.content ?? '';
}

describe('reproducibility', () => {
  test.each<[name: string, request: Request]>([
    ['temperature 0', { temperature: 0 }],
    ['temperature 0 with a seed', { temperature: 0, seed: 42 }],
    ['one seed at temperature 1', { temperature: 1, seed: 42 }],
    ['one seed with top_p', { temperature: 1.5, top_p: 0.9, seed: -7 }],
  ])('%s gives the same text twice', async (_name, request) => {
    expect(await repeatedAnswers(() => textOf(request))).not.toEqual([]);
  });

  test('other seeds give other texts', async () => {
    const texts = [await textOf({ temperature: 1.5, seed: 1 }), await textOf({ temperature: 1.5, seed: 2 })];
    expect(new Set(texts).size).toBe(2);
  });
});

describe('stop', () => {
  test.each([1, 4])('as one of %i sequences ends the answer before it', async (count) => {
    const whole = await textOf({ temperature: 0, max_completion_tokens: 40 });
    const word = whole.split(/\s+/).find((each, index) => index > 4 && each.length > 3) ?? '';
    const stop = [word, ...Array.from({ length: count - 1 }, (_, index) => `§never${index}§`)];
    await expectCommonAnswer(
      async () => {
        const text = await textOf({ temperature: 0, max_completion_tokens: 40 });
        return text.includes(word) ? `stop: ${text.slice(0, text.indexOf(word))}` : `length: ${text}`;
      },
      async () => {
        const choice = await choose({ temperature: 0, max_completion_tokens: 40, stop });
        expect(choice.message.content).not.toContain(word);
        return `${choice.finish_reason}: ${choice.message.content}`;
      },
    );
  });

  test('as a string that never comes changes nothing', async () => {
    await expectCommonAnswer(
      () => textOf({ temperature: 0 }),
      () => textOf({ temperature: 0, stop: '§never§' }),
    );
  });
});

describe('logprobs', () => {
  test('carry the bytes of each token and the alternatives asked for', async () => {
    const choice = await choose({ logprobs: true, top_logprobs: 3, temperature: 0 }, 'Write: naïve 日本 🙂');
    const tokens = choice.logprobs?.content ?? [];
    expect(tokens).toHaveLength(16);
    expect(Buffer.from(tokens.flatMap((token) => token.bytes ?? [])).toString()).toBe(choice.message.content);
    for (const token of tokens) {
      const alternatives = token.top_logprobs.map((alternative) => alternative.logprob);
      expect(token.logprob).toBeLessThanOrEqual(0);
      expect(alternatives).toHaveLength(3);
      expect(alternatives).toEqual(alternatives.toSorted((a, b) => b - a));
      // At temperature 0 the likeliest token is the one chosen.
      expect(token.top_logprobs[0]).toMatchObject({ token: token.token, bytes: token.bytes });
      expect(token.top_logprobs[0]?.logprob).toBeCloseTo(token.logprob, 3);
    }
  });

  test.each([0, 20])('with top_logprobs %i have that many alternatives', async (count) => {
    const choice = await choose({ logprobs: true, top_logprobs: count, max_completion_tokens: 2 });
    expect(choice.logprobs?.content?.map((token) => token.top_logprobs.length)).toEqual([count, count]);
  });

  test('are null when nobody asked', async () => {
    expect((await choose({ max_completion_tokens: 1 })).logprobs).toBeNull();
  });
});

describe('biases and penalties', () => {
  test('logit_bias 100 makes a token certain, and -100 makes it impossible', async () => {
    const forced = await choose({ logit_bias: { '338': 100 }, logprobs: true, max_completion_tokens: 4 });
    const [first, ...others] = forced.logprobs?.content?.map((token) => token.token) ?? [];
    expect(others).toEqual([first, first, first]);
    const banned = await choose({ logit_bias: { '338': -100 }, logprobs: true, max_completion_tokens: 4 });
    expect(banned.logprobs?.content?.map((token) => token.token)).not.toContain(first);
  });

  test.each(['frequency_penalty', 'presence_penalty'])(
    '%s changes how much an answer repeats',
    async (field) => {
      const distinct = async (penalty: number): Promise<number> => {
        const choice = await choose({
          [field]: penalty,
          temperature: 0,
          logprobs: true,
          max_completion_tokens: 40,
        });
        return new Set(choice.logprobs?.content?.map((token) => token.token)).size;
      };
      expect(await distinct(2)).toBeGreaterThan(await distinct(-2));
    },
  );

  test.each<[name: string, extension: object]>([
    ['top_k', { top_k: 1 }],
    ['min_p', { min_p: 1 }],
  ])(
    'the extension %s of 1 leaves the likeliest token alone, even at temperature 2',
    async (_name, extension) => {
      await expectCommonAnswer(
        () => textOf({ temperature: 0 }),
        () => textOf({ temperature: 2, ...extension }),
      );
    },
  );

  test('the extension repetition_penalty is honoured', async () => {
    const greedy = await textOf({ temperature: 0 });
    const penalised = { temperature: 0, max_completion_tokens: 40, repetition_penalty: 2 };
    expect(await textOf(penalised)).not.toContain(greedy);
  });
});
