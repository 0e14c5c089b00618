import { ApiError } from '@weai/protocol/errors';
import type { Config } from '../config.ts';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import type { RunningRequests } from '../http/running-requests.ts';
import type { Logger } from '../log.ts';
import { SessionBook } from '../members/session-book.ts';
import { MemberGate } from '../members/session-gate.ts';
import { type Auth, openAuth, sessionCookieName } from './auth.ts';
import { signingSecret } from './secret.ts';

/** Sign-in, ready for use. */
export interface SignIn {
  auth: Auth;
  sessions: MemberGate;
  stop(): Promise<void>;
}

/** Opens sign-in on a database. What runs by a session ends with it, within a second on every server. */
export async function openSignIn({
  database,
  config,
  log,
  changes,
  running,
}: {
  database: Pick<Database, 'kysely'>;
  config: Config;
  log: Logger;
  changes: Pick<Changes, 'on'>;
  running: Pick<RunningRequests, 'end'>;
}): Promise<SignIn> {
  const { publicUrl } = config;
  const secret = await signingSecret(database.kysely, config.sessionSecret);
  const book = new SessionBook(database, log);
  await book.start(changes);
  book.onChange(() =>
    running.end(
      new ApiError('session_expired', 'The session of this request has ended: sign in again.'),
      ({ identity, administrator }) =>
        (identity !== null && !book.allows(identity)) ||
        (administrator?.member ? !book.isSignedIn(administrator.member.sessionId) : false),
    ),
  );
  return {
    auth: openAuth({ kysely: database.kysely, config, secret, log }),
    sessions: new MemberGate({ book, cookie: { name: sessionCookieName(publicUrl), secret }, publicUrl }),
    stop: () => book.stop(),
  };
}
