import { type EngineChunk, parseEngineChunk } from './engine-chunk.ts';

/** A JSON string without escapes: what stands between the quotes is the text. */
const plainString = /^"[^"\\\u0000-\u001f]*"$/;

/** The JSON of a text chunk around its text, and what the chunk says beside it. */
interface Template {
  before: string;
  after: string;
  index: number;
}

/**
 * Reads the events of one stream. Nearly all are alike but for their text, so the JSON around the text of one event that
 * was parsed is compared with the next, and only what differs is read: JSON with one string in place of another means the
 * same but for that string. Any other event is parsed.
 */
export class ChunkReader {
  #template: Template | null = null;

  /** @throws ApiError engine_error when the event isn't a chunk. */
  read(event: string): EngineChunk {
    return this.#fromTemplate(event) ?? this.#parse(event);
  }

  #fromTemplate(event: string): EngineChunk | null {
    const template = this.#template;
    if (template === null) return null;
    const { before, after } = template;
    const end = event.length - after.length;
    // V8 compares whole strings by blocks of memory, but `startsWith` character by character.
    if (event.slice(0, before.length) !== before || event.slice(end) !== after) return null;
    const literal = event.slice(before.length, end);
    if (!plainString.test(literal)) return null;
    return { choices: [{ index: template.index, delta: { content: literal.slice(1, -1) } }] };
  }

  #parse(event: string): EngineChunk {
    const chunk = parseEngineChunk(event);
    const index = textChoice(chunk);
    if (index !== null) this.#template = templateOf(event, index, chunk) ?? this.#template;
    return chunk;
  }
}

/** Null when the place of the text in the JSON can't be found for certain: a probe put there must be read back. */
function templateOf(event: string, index: number, chunk: EngineChunk): Template | null {
  const key = '"content":';
  const marker = `${key}${JSON.stringify(chunk.choices?.[0]?.delta?.content)}`;
  const at = event.indexOf(marker);
  if (at === -1) return null;
  const before = event.slice(0, at + key.length);
  const after = event.slice(at + marker.length);
  const probed = parseEngineChunk(`${before}"probe"${after}`);
  return probed.choices?.[0]?.delta?.content === 'probe' ? { before, after, index } : null;
}

/** The index of the only choice, when the chunk says nothing but a piece of its text. */
function textChoice(chunk: EngineChunk): number | null {
  const choice = chunk.choices?.length === 1 ? chunk.choices[0] : undefined;
  const delta = choice?.delta;
  if (!choice || typeof delta?.content !== 'string' || delta.content === '') return null;
  const more =
    delta.refusal ||
    delta.tool_calls ||
    choice.logprobs ||
    choice.finish_reason ||
    choice.usage ||
    chunk.usage;
  return more || chunk.error ? null : (choice.index ?? 0);
}
