import type { LimitedSubject, SubjectKind } from './limits.ts';

/** What a request will use at most, as far as one can tell. */
export interface Claim {
  subjects: readonly LimitedSubject[];
  tokens: number;
  /** Nano-dollars. */
  nanos: number;
  /** Of the request's start, in UTC: `2026-11-23` and `2026-11`. */
  day: string;
  month: string;
}

/** Why a claim was refused. */
export interface Refusal {
  what: 'requests' | 'tokens' | 'concurrency' | 'day' | 'month';
  subject: SubjectKind;
  limit: number;
  /** Until it may succeed; null when no waiting helps. */
  waitMs: number | null;
  /** The money isn't spent, only held by requests under way. */
  held: boolean;
}

/** How much is left of a rate. */
export interface Rate {
  limit: number;
  remaining: number;
  /** Until nothing of it is used. */
  resetMs: number;
}

/** What became of a claim. The rates are those of the subject with the least left; null without a limit. */
export interface Decision {
  refusal: Refusal | null;
  requests: Rate | null;
  tokens: Rate | null;
  /** Null when refused. */
  reservation: Reservation | null;
}

/** A claim that was granted, until it is settled. */
export interface Reservation {
  /** Replaces what was claimed with what was used. Call it once. */
  settle(used: { tokens: number; nanos: number }): void;
}

/** Counts use against limits. A claim is checked and taken in one step that nothing comes between. */
export interface Counters {
  claim(claim: Claim): Decision | Promise<Decision>;
  /** Counts money that was spent outside of a reservation, as by an unlimited subject. */
  spend(subjectKeys: readonly string[], day: string, month: string, nanos: number): void;
}

/** The one with the least left. */
export function tightest(rates: readonly Rate[]): Rate | null {
  return rates.reduce<Rate | null>(
    (least, rate) => (least === null || rate.remaining < least.remaining ? rate : least),
    null,
  );
}
