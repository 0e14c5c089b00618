import { streamChat, type ChatBody, type Target } from './chat-stream.ts';

/** Common enough to be one token each, with a space before them, in every byte-pair vocabulary we know. */
const words = (
  'time year people way day man thing woman life child world school state family student group country problem ' +
  'hand part place case week company system program question work government number night point home water room ' +
  'mother area money story fact month lot right study book eye job word business issue side kind head house ' +
  'service friend father power hour game line end member law car city community name president team minute idea ' +
  'body information back parent face others level office door health person art war history party result change ' +
  'reason research girl moment air teacher force education foot boy age policy music market sense ' +
  'nation plan college interest death experience effect use class control field development role rate ' +
  'heart drug show leader light voice wife mind price report decision son view relationship town road ' +
  'arm difference value building action season tax director position player record paper space ground'
).split(' ');

/**
 * The starter's control tokens are its first 17. They carry no text, so that a stream seems to stand still while one is generated:
 * where pauses are measured they are kept out.
 */
export const noControlTokens = Object.fromEntries(Array.from({ length: 17 }, (_, id) => [String(id), -100]));

/** The model's name in every request; the servers are started with it as their alias. */
export const modelName = 'bench';

/** Prompts of an exact length in tokens; equal seeds give equal prompts, so that peers answer the same load. */
export class Prompts {
  #templateTokens: number;

  private constructor(templateTokens: number) {
    this.#templateTokens = templateTokens;
  }

  /** Learns from the server's own count how many tokens the chat template adds to a system and a user message. */
  static async calibrate(target: Target): Promise<Prompts> {
    const systemWords = 100;
    const uncalibrated = new Prompts(0);
    const body = uncalibrated.unique(seedOf('calibration', 0), systemWords, 1);
    const { promptTokens } = await streamChat(target, body);
    return new Prompts(promptTokens - systemWords);
  }

  /** A conversation's first request of `promptTokens` tokens whose text differs from its first word on. */
  unique(seed: number, promptTokens: number, completionTokens: number): ChatBody {
    const random = randomNumbers(seed);
    const count = promptTokens - this.#templateTokens;
    const systemWords = Math.floor(count / 2);
    return chat(text(random, systemWords), text(random, count - systemWords), completionTokens);
  }

  /** A request whose system message is fixed by `prefixSeed` and is `prefixTokens` long; the question is its own. */
  withSystemPrompt(
    prefixSeed: number,
    prefixTokens: number,
    seed: number,
    completionTokens: number,
  ): ChatBody {
    const system = text(randomNumbers(prefixSeed), prefixTokens);
    return chat(system, text(randomNumbers(seed), 16), completionTokens);
  }

  /** The next turn: the first request, its answer and a new question of `questionTokens` words. */
  nextTurn(first: ChatBody, answer: string, seed: number, questionTokens: number): ChatBody {
    return {
      ...first,
      messages: [
        ...first.messages,
        { role: 'assistant', content: answer },
        { role: 'user', content: text(randomNumbers(seed), questionTokens) },
      ],
    };
  }
}

/** A seed that differs for every name and round (FNV-1a). */
export function seedOf(name: string, round: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${name}/${round}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

function chat(system: string, user: string, completionTokens: number): ChatBody {
  return {
    model: modelName,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    max_tokens: completionTokens,
    temperature: 0,
    ignore_eos: true,
  };
}

function text(random: () => number, count: number): string {
  return Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');
}

/** Mulberry32: small, and the same on every machine. Uniform in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
