import type { ChatCompletionChunk, ChatCompletionTokenLogprob } from 'openai/resources/chat/completions';
import type { Vocabulary } from '../llama/vocabulary.ts';
import type { FinishCause, GeneratedToken, TokenLogprob } from '../scheduler/request.ts';
import type { OutputDelta, OutputParser } from '../tools/format.ts';
import { StopMatcher } from './stop-matcher.ts';

type Delta = ChatCompletionChunk.Choice.Delta;
type Logprobs = NonNullable<ChatCompletionChunk.Choice['logprobs']>;

/** A piece of one choice, for one chunk. */
export interface ChoicePiece {
  delta: Delta;
  logprobs: Logprobs | null;
}

interface ChoiceOptions {
  vocabulary: Pick<Vocabulary, 'piece'>;
  stops: string[];
  parser: OutputParser;
  /** Special tokens whose text belongs to the output, such as `<|python_tag|>`. */
  preserved: ReadonlySet<number>;
  wantsLogprobs: boolean;
}

/** One choice of an answer: turns tokens into text, finds stop strings and tool calls, and keeps log-probabilities in step. */
export class ChoiceOutput {
  readonly #options: ChoiceOptions;
  readonly #decoder = new TextDecoder();
  readonly #stops: StopMatcher;
  /** Log-probabilities of tokens whose text has not been shown, with the place where that text begins. */
  readonly #held: { entry: ChatCompletionTokenLogprob; from: number }[] = [];
  #decoded = 0;
  #shown = 0;
  #stopped = false;
  /** Tokens that were taken; those that come after a stop string are not. */
  generatedTokens = 0;

  constructor(options: ChoiceOptions) {
    this.#options = options;
    this.#stops = new StopMatcher(options.stops);
  }

  /** Whether a stop string has ended the answer. */
  get stopped(): boolean {
    return this.#stopped;
  }

  push(generated: GeneratedToken): ChoicePiece[] {
    if (this.#stopped) return [];
    this.generatedTokens += 1;
    const { vocabulary, preserved } = this.#options;
    const bytes = vocabulary.piece(generated.token, preserved.has(generated.token));
    if (generated.logprob)
      this.#held.push({ entry: this.#entry(generated.logprob, generated.top), from: this.#decoded });
    const decoded = this.#decoder.decode(bytes, { stream: true });
    this.#decoded += decoded.length;
    const { text, stopped } = this.#stops.push(decoded);
    this.#stopped = stopped;
    return this.#show(text);
  }

  /**
   * The rest, once the model has ended.
   * @returns the last pieces and the finish reason: what was cut is never called finished.
   */
  end(cause: Exclude<FinishCause, 'error'>): {
    pieces: ChoicePiece[];
    finishReason: 'stop' | 'length' | 'tool_calls';
  } {
    const cut = cause === 'length' && !this.#stopped;
    const pieces = this.#stopped
      ? []
      : this.#show(this.#stops.push(this.#decoder.decode()).text + this.#stops.end());
    const { parser } = this.#options;
    pieces.push(...this.#pieces(parser.end(cut)));
    if (!this.#stopped) this.#shown = Infinity;
    const logprobs = this.#takeLogprobs();
    if (logprobs) pieces.push({ delta: { content: '' }, logprobs });
    if (cut) return { pieces, finishReason: 'length' };
    return {
      pieces,
      finishReason: parser.toolCallCount > 0 && !parser.insideToolCall ? 'tool_calls' : 'stop',
    };
  }

  #show(text: string): ChoicePiece[] {
    if (text === '') return [];
    this.#shown += text.length;
    return this.#pieces(this.#options.parser.push(text));
  }

  #pieces(deltas: OutputDelta[]): ChoicePiece[] {
    return deltas.map((delta) => {
      if (delta.type === 'content') return { delta: { content: delta.text }, logprobs: this.#takeLogprobs() };
      const call =
        delta.type === 'tool_call_start'
          ? {
              index: delta.index,
              id: delta.id,
              type: 'function' as const,
              function: { name: delta.name, arguments: '' },
            }
          : { index: delta.index, function: { arguments: delta.text } };
      return { delta: { tool_calls: [call] }, logprobs: null };
    });
  }

  /** Log-probabilities of the tokens whose text has begun to be shown. */
  #takeLogprobs(): Logprobs | null {
    if (!this.#options.wantsLogprobs) return null;
    let count = 0;
    while (count < this.#held.length && (this.#held[count]?.from ?? Infinity) < this.#shown) count += 1;
    if (count === 0) return null;
    return { content: this.#held.splice(0, count).map(({ entry }) => entry), refusal: null };
  }

  #entry(chosen: TokenLogprob, top: TokenLogprob[]): ChatCompletionTokenLogprob {
    return { ...this.#describe(chosen), top_logprobs: top.map((candidate) => this.#describe(candidate)) };
  }

  #describe({ token, logprob }: TokenLogprob): { token: string; bytes: number[]; logprob: number } {
    const bytes = this.#options.vocabulary.piece(token, true);
    // -9999 is what OpenAI gives for a token that cannot follow; JSON has no infinity.
    return { token: new TextDecoder().decode(bytes), bytes: [...bytes], logprob: Math.max(logprob, -9999) };
  }
}
