import { createHash } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';

/** Attempts to sign in that are allowed in a window, on all servers together. */
export const attemptLimits = {
  /** From one address, whoever it tries to be: many people may share one. */
  address: { most: 60, windowSeconds: 60 },
  /** For one email, from wherever. */
  email: { most: 10, windowSeconds: 300 },
} as const;

type AttemptKind = keyof typeof attemptLimits;

/**
 * Counts an attempt before it is made, so that racing ones can't pass the limit.
 * Throws ApiError rate_limit_exceeded when there were too many.
 */
export async function countAttempt(kysely: Kysely<Tables>, kind: AttemptKind, who: string): Promise<void> {
  const { most, windowSeconds } = attemptLimits[kind];
  const { rows } = await sql<{ attempts: number; seconds_left: number }>`
    insert into sign_in_attempts as known (subject, attempts, window_until)
    values (${subjectOf(kind, who)}, 1, clock_timestamp() + make_interval(secs => ${windowSeconds}))
    on conflict (subject) do update set
      attempts = case when known.window_until <= clock_timestamp() then 1 else known.attempts + 1 end,
      window_until = case when known.window_until <= clock_timestamp() then excluded.window_until else known.window_until end
    returning attempts, ceil(extract(epoch from window_until - clock_timestamp()))::integer as seconds_left`.execute(
    kysely,
  );
  const [counted] = rows;
  if (counted === undefined || counted.attempts <= most) return;
  throw new ApiError('rate_limit_exceeded', 'Too many attempts to sign in: wait, then try again.', {
    retryAfterSeconds: Math.max(1, counted.seconds_left),
  });
}

/** A success shows that the attempts for this email were its owner's. */
export async function forgetAttempts(kysely: Kysely<Tables>, kind: AttemptKind, who: string): Promise<void> {
  await kysely.deleteFrom('sign_in_attempts').where('subject', '=', subjectOf(kind, who)).execute();
}

/** Deletes what no longer matters: old attempts, ended sessions, and sign-ins through a provider that never came back. */
export async function sweepSignIn(kysely: Kysely<Tables>): Promise<void> {
  const now = new Date();
  await kysely.deleteFrom('sign_in_attempts').where('window_until', '<', now).execute();
  await kysely.deleteFrom('sessions').where('expires_at', '<', now).execute();
  await kysely.deleteFrom('verifications').where('expires_at', '<', now).execute();
}

/** Hashed: what is typed where an email belongs may be anything, a password too. */
function subjectOf(kind: AttemptKind, who: string): string {
  return `${kind} ${createHash('sha256').update(who).digest('base64url')}`;
}
