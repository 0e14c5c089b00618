import type { Model } from '../../api/models.ts';
import type { components } from '../../api/openapi.ts';

type Body = components['schemas']['PlaygroundComparison'];

export type Settings = components['schemas']['PlaygroundSettings'];
export type Contestant = Body['contestants'][number];
export type Prompt = Body['prompts'][number];
export type KeptAnswer = Body['answers'][number];
export type Measured = KeptAnswer['measured'];
export type VoteList = components['schemas']['PlaygroundVoteList'];

/** The API takes this many. */
export const mostContestants = 6;

/** What is asked, and of whom, when it runs next. */
export interface Draft {
  contestants: Contestant[];
  prompts: Prompt[];
  blind: boolean;
  measured: Measured;
}

/** A comparison that ran, as far as it got. */
export interface Result {
  /** Null until it is kept. */
  id: string | null;
  version: number;
  title: string;
  visibility: 'private' | 'project';
  canEdit: boolean;
  blind: boolean;
  contestants: Contestant[];
  prompts: Prompt[];
  answers: KeptAnswer[];
}

/** A fresh id of a prompt or contestant. */
export function newPartId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, '0'))
    .join('')
    .slice(0, 16);
}

/** One more contestant: a model that answers and does not take part yet, with the settings of the one before. */
export function oneMore(contestants: readonly Contestant[], models: readonly Model[]): Contestant {
  const settings = contestants.at(-1)?.settings ?? {};
  const taken = new Set(contestants.map(({ settings: { model } }) => model));
  const another = models.find(({ id, status }) => status === 'ready' && !taken.has(id))?.id;
  return { id: newPartId(), settings: { ...settings, ...(another !== undefined && { model: another }) } };
}

export function newPrompt(text: string, reference?: string): Prompt {
  const messages = [{ role: 'user' as const, content: text }];
  return { id: newPartId(), messages, ...(reference === undefined ? {} : { reference }) };
}

/** What a prompt asks last, as text. */
export function promptText({ messages }: Prompt): string {
  const content = messages.at(-1)?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '[image]')).join('\n');
}

/** What tells a contestant from the others: its name, else its model and the settings that matter. */
export function contestantName({ name, settings }: Contestant): string {
  if (name != null && name !== '') return name;
  const { model = 'No model', temperature, top_p: topP, system } = settings;
  const told = [
    temperature == null ? '' : `T ${temperature}`,
    topP == null ? '' : `top P ${topP}`,
    system == null || system === '' ? '' : 'own system prompt',
  ].filter(Boolean);
  return [model, ...told].join(' · ');
}

/** Names of contestants, numbered where two would be called the same. */
export function contestantNames(contestants: readonly Contestant[]): Map<string, string> {
  const plain = contestants.map(contestantName);
  const seen = new Map<string, number>();
  return new Map(
    contestants.map(({ id }, index) => {
      const name = plain[index] ?? '';
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return [id, plain.filter((each) => each === name).length > 1 ? `${name} (${count})` : name];
    }),
  );
}

export function answerOf(
  answers: readonly KeptAnswer[],
  promptId: string,
  contestantId: string,
  measured?: Measured,
): KeptAnswer | undefined {
  return answers.findLast(
    (answer) =>
      answer.prompt_id === promptId &&
      answer.contestant_id === contestantId &&
      (measured === undefined || answer.measured === measured),
  );
}

/** Whether a draft asks the same of the same contestants as a comparison that ran. */
export function asksTheSame(draft: Draft, result: Result): boolean {
  const asked = ({ prompts, contestants, blind }: Draft | Result) =>
    JSON.stringify([
      blind,
      prompts.map(({ messages, reference }) => [messages, reference ?? null]),
      contestants.map(({ name, settings }) => [name ?? null, settings]),
    ]);
  return asked(draft) === asked(result);
}
