import type { Claim, Counters, Decision, Rate, Refusal, Reservation } from './counters.ts';
import { subjectKey } from './limit-book.ts';
import type { LimitedSubject } from './limits.ts';
import { MinuteWindow } from './window.ts';

interface Account {
  requests: MinuteWindow;
  tokens: MinuteWindow;
  running: number;
  heldNanos: number;
  /** Nano-dollars spent, by day and by month. */
  spent: Map<string, number>;
}

/** A subject of a claim, and its account. */
interface Counted {
  subject: LimitedSubject;
  account: Account;
}

/** Days, and months, that an account remembers: a request may end after the one that it counts for. */
const periodsKept = 3;

/**
 * Counts in this process. JavaScript runs a claim to its end before the next one begins, so of N racing claims at a limit of
 * L exactly L pass. A crash frees all that was held; what was used is rebuilt from the ledger.
 */
export class MemoryCounters implements Counters {
  readonly #accounts = new Map<string, Account>();
  /** The same by lists of subjects that are claimed for again and again. */
  readonly #countedOf = new WeakMap<Claim['subjects'], readonly Counted[]>();
  readonly #now: () => number;

  readonly #share: number;

  /**
   * @param now milliseconds of a clock that only runs forward.
   * @param share what part of each limit is this server's; the others have the rest.
   */
  constructor(now: () => number = () => performance.now(), share = 1) {
    this.#now = now;
    this.#share = share;
  }

  claim(claim: Claim): Decision {
    const nowMs = this.#now();
    const accounts = this.#counted(claim);
    for (const { subject, account } of accounts) {
      const refusal = refusalOf(subject, account, claim, nowMs);
      if (refusal !== null) return { refusal, reservation: null, ...rates(accounts, nowMs) };
    }
    for (const { account } of accounts) {
      account.requests.add(1, nowMs, nowMs);
      account.tokens.add(claim.tokens, nowMs, nowMs);
      account.running += 1;
      account.heldNanos += claim.nanos;
    }
    const reservation: Reservation = {
      settle: (used) => {
        const settledMs = this.#now();
        for (const { account } of accounts) {
          account.running -= 1;
          account.heldNanos -= claim.nanos;
          const more = used.tokens - claim.tokens;
          const corrected = account.tokens.add(more, nowMs, settledMs);
          if (!corrected && more > 0) account.tokens.add(more, settledMs, settledMs);
        }
      },
    };
    return { refusal: null, reservation, ...rates(accounts, nowMs) };
  }

  spend(subjectKeys: readonly string[], day: string, month: string, nanos: number): void {
    if (nanos === 0) return;
    for (const key of subjectKeys) {
      const { spent } = this.#account(key);
      for (const period of [day, month]) {
        if (!spent.has(period)) forgetOldest(spent, period.length);
        spent.set(period, (spent.get(period) ?? 0) + nanos);
      }
    }
  }

  /** Counts a request that was made before this process began, `agoMs` ago. */
  remember(subjectKeys: readonly string[], agoMs: number, tokens: number): void {
    const nowMs = this.#now();
    for (const key of subjectKeys) {
      const account = this.#account(key);
      account.requests.add(1, nowMs - agoMs, nowMs);
      account.tokens.add(tokens, nowMs - agoMs, nowMs);
    }
  }

  /** Requests under way and nano-dollars held by them. */
  held(key: string): { running: number; nanos: number } {
    const account = this.#accounts.get(key);
    return { running: account?.running ?? 0, nanos: account?.heldNanos ?? 0 };
  }

  /** The subjects of a claim, with what this server may use of their limits, and their accounts. */
  #counted(claim: Claim): readonly Counted[] {
    let counted = this.#countedOf.get(claim.subjects);
    if (counted === undefined) {
      counted = claim.subjects.map((subject) => ({ subject, account: this.#account(subjectKey(subject)) }));
      this.#countedOf.set(claim.subjects, counted);
    }
    if (this.#share === 1) return counted;
    return counted.map(({ subject, account }) => ({
      subject: this.#shareOf(subject, account, claim),
      account,
    }));
  }

  /** A part of the rates, and a part of the money that is left. */
  #shareOf(subject: LimitedSubject, { spent }: Account, { day, month }: Claim): LimitedSubject {
    const part = (limit: number | null, used = 0): number | null => {
      if (limit === null || limit <= used) return limit;
      return used + Math.max(1, Math.floor((limit - used) * this.#share));
    };
    const { requestsPerMinute, tokensPerMinute, concurrentRequests, nanosPerDay, nanosPerMonth } =
      subject.limits;
    const limits = {
      ...subject.limits,
      requestsPerMinute: part(requestsPerMinute),
      tokensPerMinute: part(tokensPerMinute),
      concurrentRequests: part(concurrentRequests),
      nanosPerDay: part(nanosPerDay, spent.get(day)),
      nanosPerMonth: part(nanosPerMonth, spent.get(month)),
    };
    return { ...subject, limits };
  }

  #account(key: string): Account {
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = {
        requests: new MinuteWindow(),
        tokens: new MinuteWindow(),
        running: 0,
        heldNanos: 0,
        spent: new Map(),
      };
      this.#accounts.set(key, account);
    }
    return account;
  }
}

/** Makes room for another day (text of 10 characters) or month (of 7). */
function forgetOldest(spent: Map<string, number>, length: number): void {
  const periods = [...spent.keys()].filter((period) => period.length === length).toSorted();
  for (const period of periods.slice(0, Math.max(0, periods.length - periodsKept + 1))) spent.delete(period);
}

const periods = ['day', 'month'] as const;

function refusalOf(
  { kind, limits }: LimitedSubject,
  account: Account,
  claim: Claim,
  nowMs: number,
): Refusal | null {
  const refuse = (what: Refusal['what'], limit: number, waitMs: number | null, held = false): Refusal => ({
    what,
    subject: kind,
    limit,
    waitMs,
    held,
  });
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = limits;
  if (requestsPerMinute !== null && account.requests.sum(nowMs) >= requestsPerMinute) {
    const waitMs = requestsPerMinute === 0 ? null : account.requests.waitMs(requestsPerMinute - 1, nowMs);
    return refuse('requests', requestsPerMinute, waitMs);
  }
  if (tokensPerMinute !== null && account.tokens.sum(nowMs) + claim.tokens > tokensPerMinute) {
    const most = tokensPerMinute - claim.tokens;
    return refuse('tokens', tokensPerMinute, most < 0 ? null : account.tokens.waitMs(most, nowMs));
  }
  if (concurrentRequests !== null && account.running >= concurrentRequests)
    return refuse('concurrency', concurrentRequests, concurrentRequests === 0 ? null : 1000);
  for (const what of periods) {
    const limit = what === 'day' ? limits.nanosPerDay : limits.nanosPerMonth;
    if (limit === null) continue;
    const spent = account.spent.get(claim[what]) ?? 0;
    // A budget that is used up refuses also what costs nothing.
    if (spent >= limit || spent + claim.nanos > limit) return refuse(what, limit, null);
    if (spent + account.heldNanos + claim.nanos > limit) return refuse(what, limit, 1000, true);
  }
  return null;
}

/** How much is left, of the subjects with the least. */
function rates(accounts: readonly Counted[], nowMs: number): { requests: Rate | null; tokens: Rate | null } {
  let requests: Left | null = null;
  let tokens: Left | null = null;
  for (const { subject, account } of accounts) {
    requests = lesser(requests, subject.limits.requestsPerMinute, account.requests, nowMs);
    tokens = lesser(tokens, subject.limits.tokensPerMinute, account.tokens, nowMs);
  }
  return { requests: rateOf(requests, nowMs), tokens: rateOf(tokens, nowMs) };
}

interface Left {
  limit: number;
  remaining: number;
  window: MinuteWindow;
}

function lesser(known: Left | null, limit: number | null, window: MinuteWindow, nowMs: number): Left | null {
  if (limit === null) return known;
  const remaining = Math.max(0, limit - window.sum(nowMs));
  return known === null || remaining < known.remaining ? { limit, remaining, window } : known;
}

function rateOf(left: Left | null, nowMs: number): Rate | null {
  if (left === null) return null;
  return { limit: left.limit, remaining: left.remaining, resetMs: left.window.waitMs(0, nowMs) };
}
