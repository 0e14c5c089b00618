import { contestantNames, type KeptAnswer, promptText, type Result, type VoteList } from './comparison.ts';
import { csvRow } from './csv.ts';

const columns = [
  'prompt',
  'reference',
  'contestant',
  'model',
  'measured',
  'answer',
  'error',
  'time_to_first_token_ms',
  'tokens_per_second',
  'prompt_tokens',
  'completion_tokens',
  'cost_usd',
  'machine_usd',
  'votes_best',
];

/** A line for each answer. */
export function comparisonCsv(result: Result, votes: VoteList | undefined): string {
  const names = contestantNames(result.contestants);
  const prompts = new Map(result.prompts.map((prompt) => [prompt.id, prompt]));
  // Prompt by prompt, as contestants stand on the page: answers are kept as they came.
  const place = ({ prompt_id: prompt, contestant_id: contestant }: KeptAnswer) =>
    [...prompts.keys()].indexOf(prompt) * names.size + [...names.keys()].indexOf(contestant);
  const answers = result.answers.toSorted((one, other) => place(one) - place(other));
  const rows = answers.map((answer) => {
    const { prompt_id: promptId, contestant_id: contestantId, metrics } = answer;
    const best = (votes?.data ?? []).filter(
      (vote) => vote.prompt_id === promptId && vote.contestant_id === contestantId,
    );
    const prompt = prompts.get(promptId);
    return csvRow([
      prompt && promptText(prompt),
      prompt?.reference,
      names.get(contestantId),
      answer.model,
      answer.measured,
      answer.content,
      answer.error?.message,
      rounded(metrics?.time_to_first_token_ms),
      rounded(metrics?.tokens_per_second),
      metrics?.usage?.prompt_tokens,
      metrics?.usage?.completion_tokens,
      metrics?.cost_usd,
      metrics?.machine_usd,
      best.length,
    ]);
  });
  return [csvRow(columns), ...rows, ''].join('\r\n');
}

/** To a thousandth, since clocks of browsers leave digits that mean nothing. */
function rounded(value: number | null | undefined): number | null {
  return value == null ? null : Math.round(value * 1000) / 1000;
}

/** Everything there is of a comparison. */
export function comparisonJson(result: Result, votes: VoteList | undefined): string {
  const { title, blind, contestants, prompts, answers } = result;
  return JSON.stringify(
    { title, blind, contestants, prompts, answers, votes: votes?.data ?? [], tally: votes?.tally ?? null },
    null,
    2,
  );
}

/** Gives the browser a file to save. */
export function saveFile(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
