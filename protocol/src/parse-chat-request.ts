import { type ChatMessage, messageText } from './chat-messages.ts';
import { checkRelations } from './chat-relations.ts';
import { type ChatRequest, chatRequestSchema } from './chat-request.ts';
import { ApiError } from './errors.ts';
import { checkJsonLimits } from './json-limits.ts';
import { apiErrorFromIssue } from './request-issues.ts';

/**
 * Checks a parsed JSON body. Refusals in an assistant's history become text, so that engines meet text alone.
 * @throws ApiError naming the first offending field in `param`; no other error, whatever the body.
 */
export function parseChatRequest(body: unknown): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiError('invalid_type', 'The body must be a JSON object.');
  }
  checkJsonLimits(body);
  const parsed = chatRequestSchema.safeParse(body);
  if (!parsed.success) throw apiErrorFromIssue(parsed.error.issues[0], body);
  const request = parsed.data;
  checkRelations(request);
  request.messages = request.messages.map(withoutRefusal);
  return request;
}

function withoutRefusal(message: ChatMessage): ChatMessage {
  if (message.role !== 'assistant' || typeof message.content === 'string') return message;
  const spoken = messageText(message);
  if (spoken === '') return message;
  const { refusal: _, ...rest } = message;
  return { ...rest, content: spoken };
}
