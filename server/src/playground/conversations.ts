import { ApiError } from '@weai/protocol/errors';
import { z } from 'zod';
import { failureSchema, metricsSchema, toolCallSchema } from './answer.ts';
import type { DocumentKind } from './kinds.ts';
import { settingsSchema, settingsTexts } from './settings.ts';

const messageId = z.string().regex(/^[\w-]{1,64}$/);

/** A part of what someone said: text or an image. */
export const partSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({
      url: z.string().min(1),
      detail: z.enum(['auto', 'low', 'high']).nullish(),
    }),
  }),
]);

/** A message of the tree. */
export const messageSchema = z.strictObject({
  id: messageId,
  parent_id: messageId
    .nullable()
    .describe('The message that this one follows: one before it in the list. Null for a first message'),
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(partSchema).max(128)]).nullable(),
  refusal: z.string().nullish(),
  reasoning: z.string().nullish(),
  tool_calls: z.array(toolCallSchema).max(128).nullish(),
  tool_call_id: z.string().min(1).max(256).nullish(),
  model: z.string().max(256).nullish().describe('What really answered'),
  metrics: metricsSchema.nullish(),
  error: failureSchema.nullish(),
  created_at: z.int().min(0).max(253_402_300_799).nullish().describe('Unix time in seconds'),
});

const content = z.strictObject({
  settings: settingsSchema,
  messages: z
    .array(messageSchema)
    .max(1000)
    .describe('A tree: messages with one parent are branches of the conversation'),
  active_message_id: messageId.nullable().describe('The last message of the branch that is shown'),
});
type Conversation = z.output<typeof content>;

const summary = z.object({
  models: z.array(z.string()).describe('Which models answered'),
  message_count: z.int(),
});

/** Conversations: a tree of messages with the settings that the next one is sent with. */
export const conversations: DocumentKind<Conversation> = {
  kind: 'conversation',
  plural: 'conversations',
  untitled: 'New conversation',
  content,
  summary,
  empty: { settings: {}, messages: [], active_message_id: null },
  check: checkTree,
  summarize: ({ messages }) => ({
    models: [...new Set(messages.flatMap(({ model }) => model ?? []))].slice(0, 20),
    message_count: messages.length,
  }),
  texts: ({ settings, messages }) => [...settingsTexts(settings), ...messages.flatMap(textsOf)],
};

/** Parents come first, so that there is no circle. Throws ApiError that names the message. */
function checkTree({ messages, active_message_id: active }: Conversation): void {
  const known = new Set<string>();
  for (const [index, { id, parent_id: parent }] of messages.entries()) {
    if (known.has(id)) throw invalid(`messages.${index}.id`, 'expected an id that no other message has');
    if (parent !== null && !known.has(parent))
      throw invalid(`messages.${index}.parent_id`, 'expected the id of a message before this one');
    known.add(id);
  }
  if (active !== null && !known.has(active))
    throw invalid('active_message_id', 'expected the id of a message of this conversation');
}

function invalid(param: string, why: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${param}': ${why}.`, { param });
}

function textsOf({ content: said, refusal }: z.output<typeof messageSchema>): string[] {
  const parts =
    typeof said === 'string' ? [said] : (said ?? []).flatMap((one) => (one.type === 'text' ? one.text : []));
  return refusal ? [...parts, refusal] : parts;
}
