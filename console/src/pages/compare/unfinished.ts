import { answerOf, type KeptAnswer, type Measured, type Result } from './comparison.ts';

/** What of a comparison was not answered to its end: never asked, interrupted, stopped or failed. */
export interface Unfinished {
  measured: Measured;
  count: number;
  /** By prompt, the contestants that owe an answer. */
  contestants: ReadonlyMap<string, ReadonlySet<string>>;
}

const unfinishedReasons = new Set(['cut', 'stopped']);

function isFinished(answer: KeptAnswer | undefined): boolean {
  return (
    answer !== undefined &&
    answer.error == null &&
    !unfinishedReasons.has(answer.metrics?.finish_reason ?? '')
  );
}

/** What is unfinished of what a comparison measured last; null when nothing is. */
export function unfinishedOf({ prompts, contestants, answers }: Result): Unfinished | null {
  const measured = answers.at(-1)?.measured ?? 'together';
  const owed = new Map<string, Set<string>>();
  let count = 0;
  for (const prompt of prompts) {
    const open = contestants.filter(
      (contestant) => !isFinished(answerOf(answers, prompt.id, contestant.id, measured)),
    );
    if (open.length > 0) owed.set(prompt.id, new Set(open.map(({ id }) => id)));
    count += open.length;
  }
  return count === 0 ? null : { measured, count, contestants: owed };
}

function placeOf({ prompt_id: promptId, contestant_id: contestantId, measured }: KeptAnswer): string {
  return `${promptId} ${contestantId} ${measured}`;
}

/** Answers with one more, in the place of an earlier one to the same. */
export function withAnswer(answers: readonly KeptAnswer[], answer: KeptAnswer): KeptAnswer[] {
  return [...answers.filter((each) => placeOf(each) !== placeOf(answer)), answer];
}

/** Two versions of a comparison's answers as one: of two to the same the finished one, else the second. */
export function mergedAnswers(one: readonly KeptAnswer[], other: readonly KeptAnswer[]): KeptAnswer[] {
  const known = new Map(one.map((answer) => [placeOf(answer), answer]));
  return other.reduce<KeptAnswer[]>(
    (merged, answer) => {
      const before = known.get(placeOf(answer));
      return before !== undefined && isFinished(before) && !isFinished(answer)
        ? merged
        : withAnswer(merged, answer);
    },
    [...one],
  );
}
