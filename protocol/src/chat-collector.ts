import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';

type Choice = ChatCompletion.Choice;
type ChoiceDelta = ChatCompletionChunk.Choice.Delta;
type ToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } };

interface Collected {
  content: string | null;
  refusal: string | null;
  toolCalls: ToolCall[];
  logprobs: Choice['logprobs'];
  finishReason: Choice['finish_reason'] | null;
}

/**
 * Puts the chunks of a stream together into the answer that a request without `stream` gets. Engine and server both answer that
 * way, so the two forms cannot differ.
 */
export class ChatCollector {
  readonly #choices: Collected[] = [];
  #first: ChatCompletionChunk | null = null;
  #usage: ChatCompletionChunk['usage'] = null;

  push(chunk: ChatCompletionChunk): void {
    this.#first ??= chunk;
    if (chunk.usage) this.#usage = chunk.usage;
    for (const { index, delta, logprobs, finish_reason: finishReason } of chunk.choices) {
      const choice = (this.#choices[index] ??= {
        content: null,
        refusal: null,
        toolCalls: [],
        logprobs: null,
        finishReason: null,
      });
      append(choice, delta);
      if (logprobs) addLogprobs(choice, logprobs);
      if (finishReason) choice.finishReason = finishReason;
    }
  }

  /**
   * The whole answer.
   * @throws Error when the stream did not end: no chunk, or a choice without its finish reason.
   */
  completion(): ChatCompletion {
    const answer = this.soFar();
    if (answer === null) throw new Error('the stream had no chunk');
    return { ...answer, choices: Array.from(answer.choices, finished) } satisfies ChatCompletion;
  }

  /** What there is of the answer up to now; null before the first chunk. */
  soFar(): UnfinishedCompletion | null {
    const first = this.#first;
    if (!first) return null;
    return {
      id: first.id,
      object: 'chat.completion',
      created: first.created,
      model: first.model,
      choices: this.#choices.map(collectedChoice),
      ...(this.#usage ? { usage: this.#usage } : {}),
      service_tier: first.service_tier ?? 'default',
      ...(first.system_fingerprint === undefined ? {} : { system_fingerprint: first.system_fingerprint }),
    };
  }
}

type UnfinishedChoice = Omit<Choice, 'finish_reason'> & { finish_reason: Choice['finish_reason'] | null };
/** An answer whose choices may be without a finish reason, since the stream broke off. */
export type UnfinishedCompletion = Omit<ChatCompletion, 'choices'> & { choices: UnfinishedChoice[] };

function finished(choice: UnfinishedChoice | undefined, index: number): Choice {
  if (!choice?.finish_reason) throw new Error(`choice ${index} of the stream has no finish reason`);
  return { ...choice, finish_reason: choice.finish_reason };
}

function append(choice: Collected, delta: ChoiceDelta): void {
  if (typeof delta.content === 'string') choice.content = (choice.content ?? '') + delta.content;
  if (typeof delta.refusal === 'string') choice.refusal = (choice.refusal ?? '') + delta.refusal;
  for (const part of delta.tool_calls ?? []) {
    const call = (choice.toolCalls[part.index] ??= {
      id: '',
      type: 'function',
      function: { name: '', arguments: '' },
    });
    if (part.id) call.id = part.id;
    if (part.function?.name) call.function.name += part.function.name;
    if (part.function?.arguments) call.function.arguments += part.function.arguments;
  }
}

function addLogprobs(choice: Collected, logprobs: NonNullable<Choice['logprobs']>): void {
  choice.logprobs ??= { content: null, refusal: null };
  if (logprobs.content) (choice.logprobs.content ??= []).push(...logprobs.content);
  if (logprobs.refusal) (choice.logprobs.refusal ??= []).push(...logprobs.refusal);
}

function collectedChoice(choice: Collected, index: number): UnfinishedChoice {
  const calls = choice.toolCalls.filter(Boolean);
  // A message that only calls tools has null content, as OpenAI's has.
  const content = calls.length > 0 && !choice.content ? null : choice.content;
  return {
    index,
    message: {
      role: 'assistant',
      content,
      refusal: choice.refusal,
      annotations: [],
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    logprobs: choice.logprobs,
    finish_reason: choice.finishReason,
  };
}
