import { Template } from '@huggingface/jinja';
import { ApiError } from '@weai/protocol/errors';

/** A message as chat templates expect it (Hugging Face's conventions): text alone, arguments of calls parsed. */
export interface TemplateMessage {
  role: string;
  content: string;
  tool_calls?: TemplateToolCall[];
  tool_call_id?: string;
  name?: string;
}

export interface TemplateToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: unknown };
}

export interface TemplateInput {
  messages: TemplateMessage[];
  tools?: unknown[];
  /** Whether the text ends where the assistant's answer begins. */
  addGenerationPrompt: boolean;
}

/** A chat template from a model's weights (Jinja, as Hugging Face's transformers runs it), in an interpreter without access to anything. */
export class ChatTemplate {
  #template: Template;
  #tokens: { bos: string; eos: string };
  /** Whether the template lists tools. */
  readonly supportsTools: boolean;
  /** Whether the template has a place for a system message. */
  readonly supportsSystem: boolean;

  /** @throws Error in a sentence when the source is no Jinja template. */
  constructor(source: string, tokens: { bos: string; eos: string }) {
    this.#template = parse(source);
    this.#tokens = tokens;
    const question = { role: 'user', content: 'question' };
    this.supportsTools = this.#shows('probe_tool', { messages: [question], tools: [probeTool] });
    this.supportsSystem = this.#shows('probe_system', {
      messages: [{ role: 'system', content: 'probe_system' }, question],
    });
  }

  /**
   * The prompt of a conversation, with its special tokens as text: the beginning of the text is already in it where the
   * template writes one.
   * @throws ApiError invalid_value when the template refuses the messages.
   */
  render(input: TemplateInput): string {
    try {
      return this.#render(input);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ApiError(
        'invalid_value',
        `This model's chat template can't render these messages: ${reason.slice(0, 300)}`,
        { param: 'messages', cause },
      );
    }
  }

  #render({ messages, tools, addGenerationPrompt }: TemplateInput): string {
    return this.#template.render({
      messages,
      tools: tools ?? null,
      add_generation_prompt: addGenerationPrompt,
      bos_token: this.#tokens.bos,
      eos_token: this.#tokens.eos,
    });
  }

  #shows(text: string, input: Omit<TemplateInput, 'addGenerationPrompt'>): boolean {
    try {
      return this.#render({ ...input, addGenerationPrompt: true }).includes(text);
    } catch {
      // A template says with an exception that it has no place for something.
      return false;
    }
  }
}

function parse(source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the weights' chat template is no Jinja template: ${reason}`, { cause });
  }
}

const probeTool = {
  type: 'function',
  function: { name: 'probe_tool', description: 'probe', parameters: { type: 'object', properties: {} } },
};
