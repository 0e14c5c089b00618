import { expect, test } from 'vitest';
import { apiKey, ask, baseUrl, model } from './platform/clients.ts';
import { errorProblems } from './platform/observed.ts';
import { post } from './platform/raw.ts';

/** Prompts that can't fit, each dear in its own way: to tokenize, to search for special tokens, or to carry. */
const prompts: [name: string, content: string][] = [
  ['100,000 tokens', 'word '.repeat(100_000)],
  ['a megabyte of special tokens', '<|im_end|>'.repeat(100_000)],
  ['30 MB', 'All work and no play makes Jack a dull boy. '.repeat(680_000)],
  ['a megabyte without a space', 'x'.repeat(1_000_000)],
];

test.each(prompts)(
  'a prompt of %s is refused with both numbers, and running streams do not stall',
  async (_name, content) => {
    // Before the pauses count: making megabytes of JSON stops this process, not the server.
    const prompt = JSON.stringify({ model, messages: ask(content), max_completion_tokens: 5 });
    // Whatever else runs on the machine only ever makes a pause longer: one undisturbed try shows what the server does.
    let [longestMs, boundMs] = [Infinity, 0];
    for (let tries = 0; tries < 6 && longestMs >= boundMs; tries += 1) {
      const pauses = await pausesWhileRefused(prompt);
      longestMs = pauses.longestMs;
      boundMs = Math.max(500, 4 * pauses.usualMs);
      console.log(
        `longest pause of three streams: ${longestMs.toFixed(0)} ms, before it ${pauses.usualMs.toFixed(0)} ms`,
      );
    }
    expect(longestMs).toBeLessThan(boundMs);
  },
);

/** The longest pause of three streams before a prompt is refused, and the longest beside it. */
async function pausesWhileRefused(prompt: string): Promise<{ usualMs: number; longestMs: number }> {
  const streams = Array.from({ length: 3 }, () => new WatchedStream());
  const longestGap = () => Math.max(...streams.map((stream) => stream.resetLongestGap()));
  try {
    await Promise.all(streams.map((stream) => stream.flows()));
    const usualMs = longestGap();
    const response = await post(prompt);
    const body: { error: { code: string; message: string } } = JSON.parse(await response.text());
    expect([response.status, body.error.code]).toEqual([400, 'context_length_exceeded']);
    expect(errorProblems(body)).toEqual([]);
    expect(body.error.message).toMatch(
      /maximum context length is \d+ tokens, but the messages take (at least )?\d+/,
    );
    await Promise.all(streams.map((stream) => stream.flows()));
    return { usualMs, longestMs: longestGap() };
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()));
  }
}

/** A long answer of the real engine, whose pauses are watched. */
class WatchedStream {
  readonly #abort = new AbortController();
  readonly #reading: Promise<void>;
  #pieces = 0;
  #lastMs = performance.now();
  #longestGapMs = 0;

  constructor() {
    this.#reading = this.#read();
  }

  /** Waits until ten more pieces have come. */
  async flows(): Promise<void> {
    const until = this.#pieces + 10;
    await expect.poll(() => this.#pieces, { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(until);
  }

  /** The longest pause since the last call, in milliseconds. */
  resetLongestGap(): number {
    const gapMs = Math.max(this.#longestGapMs, performance.now() - this.#lastMs);
    this.#longestGapMs = 0;
    return gapMs;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const request = {
      model,
      messages: ask('Tell me a long story about the sea.'),
      max_completion_tokens: 4000,
      ignore_eos: true,
      stream: true,
    };
    try {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
        body: JSON.stringify(request),
        signal: this.#abort.signal,
      });
      for await (const piece of response.body ?? []) {
        if (piece.length === 0) continue;
        const nowMs = performance.now();
        if (this.#pieces > 1) this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastMs);
        this.#lastMs = nowMs;
        this.#pieces += 1;
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
  }
}
