import { answerOf, contestantNames, type KeptAnswer, type Result, type VoteList } from './comparison.ts';
import type { Standing } from './verdict.ts';

/**
 * How each contestant of a comparison did. Times are of answers measured alone where there are any, else of those measured
 * together; all figures are means over answers that came.
 */
export function standingsOf(
  { contestants, prompts, answers }: Result,
  tally: VoteList['tally'] | undefined,
): Standing[] {
  const names = contestantNames(contestants);
  return contestants.map(({ id }) => {
    const measured = answers.some((each) => each.measured === 'alone' && each.contestant_id === id)
      ? ('alone' as const)
      : ('together' as const);
    const own = prompts.flatMap((prompt) => answerOf(answers, prompt.id, id, measured) ?? []);
    const came = own.filter(({ error }) => error == null);
    const mean = (valueOf: (answer: KeptAnswer) => number | null) => meanOf(came.map(valueOf));
    return {
      id,
      name: names.get(id) ?? id,
      best: tally?.contestants.find((each) => each.contestant_id === id)?.best ?? 0,
      answers: came.length,
      failures: own.length - came.length,
      timeToFirstTokenMs: mean(({ metrics }) => metrics?.time_to_first_token_ms ?? null),
      tokensPerSecond: mean(({ metrics }) => metrics?.tokens_per_second ?? null),
      tokens: mean(({ metrics }) => metrics?.usage?.completion_tokens ?? null),
      costUsd: mean(({ metrics }) => dollars(metrics?.cost_usd)),
      machineUsd: mean(({ metrics }) => dollars(metrics?.machine_usd)),
    };
  });
}

function dollars(amount: string | null | undefined): number | null {
  return amount == null ? null : Number(amount);
}

/** Of those that are known; null when none is. */
function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
