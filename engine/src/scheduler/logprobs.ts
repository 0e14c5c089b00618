import type { TokenLogprob } from './request.ts';

/**
 * Log-probabilities of the model's own distribution (before temperature and cuts): the softmax of the logits.
 * @returns the chosen token's and the `count` likeliest, likeliest first.
 */
export function logprobs(
  logits: Float32Array,
  token: number,
  count: number,
): { chosen: TokenLogprob; top: TokenLogprob[] } {
  let maximum = -Infinity;
  for (const logit of logits) if (logit > maximum) maximum = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - maximum);
  const normalizer = maximum + Math.log(sum);
  const top = likeliest(logits, count).map((id) => ({
    token: id,
    logprob: (logits[id] ?? -Infinity) - normalizer,
  }));
  return { chosen: { token, logprob: (logits[token] ?? -Infinity) - normalizer }, top };
}

/** Indexes of the `count` largest values, largest first; of equal ones the first. */
function likeliest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  if (count === 0) return best;
  let threshold = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? -Infinity;
    if (best.length === count && value <= threshold) continue;
    let at = best.length;
    while (at > 0 && (values[best[at - 1] ?? 0] ?? -Infinity) < value) at -= 1;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
    threshold = values[best.at(-1) ?? 0] ?? -Infinity;
  }
  return best;
}
