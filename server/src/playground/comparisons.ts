import { ApiError } from '@weai/protocol/errors';
import { z } from 'zod';
import { failureSchema, metricsSchema, toolCallSchema } from './answer.ts';
import { partSchema } from './conversations.ts';
import type { DocumentKind } from './kinds.ts';
import { settingsSchema } from './settings.ts';

/** The id of a prompt, contestant or answer. */
export const partId = z.string().regex(/^[\w-]{1,64}$/);

const promptSchema = z.strictObject({
  id: partId,
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'developer', 'user', 'assistant']),
        content: z.union([z.string(), z.array(partSchema).max(128)]),
      }),
    )
    .min(1)
    .max(100),
  reference: z.string().nullish().describe('What a good answer is like'),
});

const contestantSchema = z.strictObject({
  id: partId,
  name: z.string().min(1).max(200).nullish().describe('What tells it from another with the same model'),
  settings: settingsSchema,
});

const answerSchema = z.strictObject({
  prompt_id: partId,
  contestant_id: partId,
  measured: z
    .enum(['together', 'alone'])
    .describe('Whether the contestants answered at once, or this one had the machine for itself'),
  content: z.string().nullable(),
  refusal: z.string().nullish(),
  reasoning: z.string().nullish(),
  tool_calls: z.array(toolCallSchema).max(128).nullish(),
  model: z.string().max(256).nullish().describe('What really answered'),
  metrics: metricsSchema.nullish(),
  error: failureSchema.nullish(),
  created_at: z.int().min(0).max(253_402_300_799).nullish().describe('Unix time in seconds'),
});

const content = z.strictObject({
  prompts: z.array(promptSchema).max(200),
  contestants: z.array(contestantSchema).max(6),
  answers: z
    .array(answerSchema)
    .max(2000)
    .describe('Of each prompt and contestant up to one measured together and one measured alone'),
  blind: z.boolean().describe('Whether voters are not told which contestant gave which answer'),
});
/** What a comparison holds. */
export type Comparison = z.output<typeof content>;

/** Comparisons: prompts that several models, or one with several settings, have answered. */
export const comparisons: DocumentKind<Comparison> = {
  kind: 'comparison',
  plural: 'comparisons',
  untitled: 'New comparison',
  content,
  summary: z.object({
    models: z.array(z.string()).describe('Which models take part'),
    prompt_count: z.int(),
    contestant_count: z.int(),
    answer_count: z.int(),
  }),
  empty: { prompts: [], contestants: [], answers: [], blind: false },
  check,
  summarize: ({ prompts, contestants, answers }) => ({
    models: [...new Set(contestants.flatMap(({ settings }) => settings.model ?? []))],
    prompt_count: prompts.length,
    contestant_count: contestants.length,
    answer_count: answers.length,
  }),
  texts: ({ prompts, contestants, answers }) => [
    ...contestants.flatMap(({ name, settings }) => [name ?? '', settings.model ?? '', settings.system ?? '']),
    ...prompts.flatMap(({ messages }) => messages.flatMap((message) => textsOf(message.content))),
    ...answers.map((answer) => answer.content ?? ''),
  ],
};

/** Throws ApiError for two of the same id, and for answers to what isn't there. */
function check({ prompts, contestants, answers }: Comparison): void {
  const promptIds = distinct('prompts', prompts);
  const contestantIds = distinct('contestants', contestants);
  const answered = new Set<string>();
  for (const [index, answer] of answers.entries()) {
    if (!promptIds.has(answer.prompt_id))
      throw invalid(`answers.${index}.prompt_id`, 'expected the id of a prompt of this comparison');
    if (!contestantIds.has(answer.contestant_id))
      throw invalid(`answers.${index}.contestant_id`, 'expected the id of a contestant of this comparison');
    const key = `${answer.prompt_id} ${answer.contestant_id} ${answer.measured}`;
    if (answered.has(key))
      throw invalid(
        `answers.${index}`,
        'there is an answer of this contestant to this prompt, measured alike',
      );
    answered.add(key);
  }
}

function distinct(field: string, items: readonly { id: string }[]): Set<string> {
  const ids = new Set<string>();
  for (const [index, { id }] of items.entries()) {
    if (ids.has(id)) throw invalid(`${field}.${index}.id`, 'expected an id that no other has');
    ids.add(id);
  }
  return ids;
}

function invalid(param: string, why: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${param}': ${why}.`, { param });
}

function textsOf(said: Comparison['prompts'][number]['messages'][number]['content']): string[] {
  return typeof said === 'string' ? [said] : said.flatMap((part) => (part.type === 'text' ? part.text : []));
}
