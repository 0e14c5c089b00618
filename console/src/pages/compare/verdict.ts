import { formatRate, formatUsd } from '../../answers/format.ts';

/** How a contestant did; null where it is not known. */
export interface Standing {
  id: string;
  name: string;
  /** Votes as the best. */
  best: number;
  answers: number;
  failures: number;
  timeToFirstTokenMs: number | null;
  tokensPerSecond: number | null;
  tokens: number | null;
  /** Mean price of an answer. */
  costUsd: number | null;
  /** Mean of what the machine cost for an answer. */
  machineUsd: number | null;
}

export interface Tally {
  votes: number;
  ties: number;
  none: number;
}

/** Under this many votes a lead says little. */
const fewVotes = 5;

/** What quality is weighed against: cost, or speed where cost tells nobody apart. */
export type Scale = 'cost' | 'speed';

export function scaleOf(standings: readonly Standing[]): Scale {
  const costs = standings.flatMap(({ costUsd }) => costUsd ?? []);
  return costs.length > 1 && costs.every((cost) => cost === costs[0]) ? 'speed' : 'cost';
}

/** Those that no other beats: nobody is at least as good for at most the cost (or at least the speed), and better in one. */
export function frontierOf(standings: readonly Standing[], scale: Scale = scaleOf(standings)): Standing[] {
  const priced = standings.flatMap((each) => {
    const value = scale === 'cost' ? each.costUsd : each.tokensPerSecond;
    if (value === null || each.answers === 0) return [];
    return [{ each, best: each.best, cost: scale === 'cost' ? value : -value }];
  });
  return priced
    .filter(
      (one) =>
        !priced.some(
          (other) =>
            other.best >= one.best &&
            other.cost <= one.cost &&
            (other.best > one.best || other.cost < one.cost),
        ),
    )
    .toSorted((a, b) => a.cost - b.cost)
    .map(({ each }) => each);
}

/** What a comparison comes to. */
export interface Verdict {
  /** Which contestant to use and why, in a sentence or two; says so where votes or prices don't tell. */
  sentence: string;
  /** Whom the sentence says to use; null where it names nobody. */
  use: Standing | null;
}

/** Null before answers. */
export function verdictOf(standings: readonly Standing[], tally: Tally): Verdict | null {
  if (standings.every(({ answers, failures }) => answers + failures === 0)) return null;
  const answered = standings.filter(({ answers }) => answers > 0);
  const nobody = (sentence: string): Verdict => ({ sentence, use: null });
  if (answered.length === 0) return nobody('Nobody answered: mend what the errors say, and run again.');
  const [only] = answered;
  if (answered.length === 1 && only)
    return nobody(`Only ${only.name} answered, so there is nothing to compare it with.`);
  if (tally.votes === 0) return nobody(`No votes yet, so quality is open. ${factsOf(answered)}`);
  const most = Math.max(...answered.map(({ best }) => best));
  if (most === 0) return nobody(`${undecided(tally)} ${factsOf(answered)}`);
  const leaders = answered.filter(({ best }) => best === most);
  const [leader] = leaders;
  const { sentence, use } =
    leaders.length === 1 && leader
      ? { sentence: leaderSentence(leader, answered, tally), use: leader }
      : sharedLead(leaders, tally);
  if (tally.votes >= fewVotes) return { sentence, use };
  const hint = tally.votes === 1 ? 'One vote is' : `${tally.votes} votes are`;
  return { sentence: `${sentence} ${hint} only a first hint.`, use };
}

function undecided({ votes, ties, none }: Tally): string {
  if (none === votes) return 'No answer was good enough in any vote: try other models or settings.';
  if (ties === votes) return 'Every vote is a tie: quality doesn’t tell them apart.';
  return 'The votes prefer nobody.';
}

/** Who is cheapest and who is fastest. */
function factsOf(standings: readonly Standing[]): string {
  const cheapest = lowest(standings, ({ costUsd }) => costUsd);
  const fastest = lowest(standings, ({ tokensPerSecond }) =>
    tokensPerSecond === null ? null : -tokensPerSecond,
  );
  const unpriced = standings.filter(({ costUsd }) => costUsd === null).length;
  const cost =
    unpriced > 0
      ? unpriced === standings.length
        ? 'No price is known'
        : 'Some prices are not known'
      : cheapest?.costUsd == null
        ? standings.every(({ costUsd }) => costUsd === 0)
          ? 'None has a price'
          : 'They cost the same'
        : `${cheapest.name} costs least (${formatUsd(cheapest.costUsd)} an answer)`;
  const speed =
    fastest?.tokensPerSecond == null
      ? ''
      : `; ${fastest.name} is fastest (${formatRate(fastest.tokensPerSecond)} tokens/s)`;
  return `${cost}${speed}.`;
}

function leaderSentence(leader: Standing, all: readonly Standing[], tally: Tally): string {
  const won = `best in ${leader.best} of ${tally.votes} ${tally.votes === 1 ? 'vote' : 'votes'}`;
  const { costUsd } = leader;
  const others = all.filter(({ id }) => id !== leader.id);
  if (costUsd === null) return `Use ${leader.name}: ${won}; its price is not known.`;
  if (others.some((other) => other.costUsd === null))
    return `Use ${leader.name}: ${won}; not every price is known, so cost can’t be weighed.`;
  const costLess = others.filter((other) => (other.costUsd ?? 0) < costUsd);
  const preferred = costLess.filter(({ best }) => best > 0);
  // Who won nothing is only worth a word where nobody else costs less.
  const cheaper = lowest(preferred.length > 0 ? preferred : costLess, (other) => other.costUsd, true);
  if (cheaper === null) {
    const same = others.every((other) => other.costUsd === costUsd);
    return `Use ${leader.name}: ${won}, and ${same ? (costUsd === 0 ? 'none has a price' : 'all cost the same') : 'none costs less'}.`;
  }
  const share = cheaper.costUsd === null ? 1 : cheaper.costUsd / costUsd;
  const cost = share === 0 ? 'has no price' : `costs ${percentLess(1 - share)} less`;
  return `Use ${leader.name}: ${won}. If cost matters more, ${cheaper.name} ${cost} and won ${cheaper.best === 0 ? 'none' : cheaper.best}.`;
}

function percentLess(share: number): string {
  if (share > 0.99) return 'over 99%';
  return share < 0.01 ? 'under 1%' : `${Math.round(share * 100)}%`;
}

function sharedLead(leaders: readonly Standing[], tally: Tally): Verdict {
  const [first] = leaders;
  const names = new Intl.ListFormat('en').format(leaders.map(({ name }) => name));
  const lead = `${names} share the lead with ${first?.best ?? 0} of ${tally.votes} votes each`;
  if (leaders.some(({ costUsd }) => costUsd === null))
    return { sentence: `${lead}; not every price is known, so only more votes can tell.`, use: null };
  const cheapest = lowest(leaders, ({ costUsd }) => costUsd);
  if (cheapest) return { sentence: `Use ${cheapest.name}: ${lead}, and it costs less.`, use: cheapest };
  const fastest = lowest(leaders, ({ tokensPerSecond }) =>
    tokensPerSecond === null ? null : -tokensPerSecond,
  );
  if (fastest)
    return { sentence: `Use ${fastest.name}: ${lead} at the same cost, and it is faster.`, use: fastest };
  return { sentence: `${lead} at the same cost: vote on more prompts to tell them apart.`, use: null };
}

/** The one with the lowest value; null when a value is missing, or several share it (unless the first will do). */
function lowest(
  standings: readonly Standing[],
  valueOf: (standing: Standing) => number | null,
  firstWillDo = false,
): Standing | null {
  let found: Standing | null = null;
  let least = Infinity;
  for (const each of standings) {
    const value = valueOf(each);
    if (value === null) return null;
    if (value < least) [found, least] = [each, value];
    else if (value === least && !firstWillDo) found = null;
  }
  return found;
}
