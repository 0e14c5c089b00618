import { randomBytes } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import { type ChatRequest, stopSequences } from '@weai/protocol/chat-request';
import type { Vocabulary } from '../llama/vocabulary.ts';
import type { Inference } from '../scheduler/inference.ts';
import type { SamplingOptions } from '../scheduler/request.ts';
import { ChatTemplate } from '../template.ts';
import { detectToolFormat, type ToolFormat } from '../tools/format.ts';
import { Answer, type AnswerListener } from './answer.ts';
import { ChoiceOutput } from './choice.ts';
import { checkContext, PromptBuilder } from './prompt.ts';
import { samplingOptions } from './sampling.ts';
import type { TokenTotals } from './token-totals.ts';

interface ChatOptions {
  inference: Inference;
  vocabulary: Vocabulary;
  modelName: string;
  systemFingerprint: string;
  /** Sequences that may run or wait; past it requests are refused, so that nobody waits for ever. */
  maxInFlight: number;
  /** @returns null, or why a grammar cannot be used. */
  checkGrammar(grammar: NonNullable<SamplingOptions['grammar']>): string | null;
}

/** Chat completions on the loaded weights. */
export class Chat {
  readonly toolFormat: ToolFormat;
  readonly totals: TokenTotals = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  readonly #options: ChatOptions;
  readonly #prompts: PromptBuilder;
  readonly #preserved: ReadonlySet<number>;
  readonly #stopTokens: readonly number[];

  constructor(options: ChatOptions) {
    const { vocabulary, inference } = options;
    const { chatTemplate } = inference.ready.facts;
    this.#options = options;
    this.toolFormat = detectToolFormat(chatTemplate);
    const template = new ChatTemplate(chatTemplate ?? chatml, { bos: vocabulary.bos, eos: vocabulary.eos });
    this.#prompts = new PromptBuilder(vocabulary, template, this.toolFormat);
    const special = (texts: string[]): number[] =>
      texts.map((text) => vocabulary.specialToken(text)).filter((token) => token !== null);
    this.#preserved = new Set(special(this.toolFormat.preservedTokens));
    this.#stopTokens = special(this.toolFormat.stopTokens);
  }

  /**
   * Starts an answer.
   * @returns a function that cancels it, and a promise is not needed: the listener is told everything.
   * @throws ApiError before anything was generated.
   */
  async complete(request: ChatRequest, scope: string, listener: AnswerListener): Promise<() => void> {
    const { inference, vocabulary, maxInFlight } = this.#options;
    if (request.store === true)
      throw new ApiError(
        'unsupported_value',
        "Unsupported value: 'store' is not served by an engine. Leave it out.",
        { param: 'store' },
      );
    const count = request.n ?? 1;
    if (inference.inFlight + count > maxInFlight) {
      throw new ApiError(
        'engine_overloaded',
        'The model has too many requests waiting. Please retry shortly.',
        {
          retryAfterSeconds: 1,
        },
      );
    }
    const { contextTokens } = inference.ready;
    const prompt = await this.#prompts.tokens(request, contextTokens);
    checkContext(prompt.length, contextTokens);
    const sampling = samplingOptions(request, this.toolFormat, vocabulary, contextTokens - prompt.length);
    this.#checkGrammar(sampling);
    const choices = Array.from({ length: count }, () => this.#newChoice(request));
    const identity = {
      id: `chatcmpl-${randomBytes(16).toString('hex')}`,
      created: Math.floor(Date.now() / 1000),
      model: this.#options.modelName,
      systemFingerprint: this.#options.systemFingerprint,
    };
    const answer = new Answer(identity, choices, prompt.length, listener, this.totals);
    answer.begin();
    const ids = choices.map((_, index) => {
      const id: number = inference.submit(
        {
          scope,
          prompt,
          sampling: { ...sampling, seed: sampling.seed + index },
          stopTokens: this.#stopTokens,
          ignoreEnd: request.ignore_eos ?? false,
          topLogprobs: request.logprobs ? (request.top_logprobs ?? 0) : null,
        },
        {
          onToken: (token) => {
            if (answer.token(index, token)) inference.cancel(id);
          },
          onFinish: (finished) => answer.finish(index, finished),
        },
      );
      return id;
    });
    return () => {
      answer.stop();
      for (const id of ids) inference.cancel(id);
    };
  }

  #newChoice(request: ChatRequest): ChoiceOutput {
    return new ChoiceOutput({
      vocabulary: this.#options.vocabulary,
      stops: stopSequences(request),
      parser: this.toolFormat.createParser(request),
      preserved: this.#preserved,
      wantsLogprobs: request.logprobs ?? false,
    });
  }

  #checkGrammar({ grammar }: SamplingOptions): void {
    const complaint = grammar && this.#options.checkGrammar(grammar);
    if (!complaint) return;
    throw new ApiError('invalid_value', 'The JSON schema cannot be turned into a grammar for this model.', {
      param: 'response_format',
      cause: complaint,
    });
  }
}

/** For weights that carry no template of their own. */
const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
