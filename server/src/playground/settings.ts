import { chatRequestSchema } from '@weai/protocol/chat-request';
import { z } from 'zod';

const {
  messages: _messages,
  stream: _stream,
  stream_options: _options,
  ...parameters
} = chatRequestSchema.shape;

/** What a request is sent with beside its messages: every field of POST /v1/chat/completions that isn't about the answer's form. */
export const settingsSchema = z
  .strictObject({
    ...parameters,
    model: parameters.model.optional(),
    system: z.string().max(100_000).nullish(),
  })
  .describe(
    'Fields of a chat completion request, and `system`, the text of a system message before all others',
  );

/** What of settings is searched. */
export function settingsTexts({ model, system }: z.output<typeof settingsSchema>): string[] {
  return [model, system].filter((text) => typeof text === 'string');
}
