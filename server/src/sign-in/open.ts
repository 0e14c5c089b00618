import type { Config } from '../config.ts';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import type { RunningRequests } from '../http/running-requests.ts';
import type { Logger } from '../log.ts';
import { SessionBook } from '../members/session-book.ts';
import { MemberGate } from '../members/session-gate.ts';
import { StreamTickets } from '../members/stream-ticket.ts';
import { type Auth, openAuth, sessionCookieName } from './auth.ts';
import { OidcSignIn } from './oidc-sign-in.ts';
import { signingSecret } from './secret.ts';

/** Sign-in, ready for use. */
export interface SignIn {
  auth: Auth;
  /** Sign-in through the OpenID provider; null where none is configured. */
  oidc: Auth | null;
  sessions: MemberGate;
  stop(): Promise<void>;
}

/** Opens sign-in on a database. What runs by a session ends with it, or with the right to do it, within a second on every server. */
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
  running: Pick<RunningRequests, 'endEach'>;
}): Promise<SignIn> {
  const { publicUrl, oidcIssuer, oidcClientId, oidcName } = config;
  const secret = await signingSecret(database.kysely, config.sessionSecret);
  const parts = { kysely: database.kysely, config, secret, log };
  const book = new SessionBook(database, log);
  await book.start(changes);
  const sessions = new MemberGate({
    book,
    cookie: { name: sessionCookieName(publicUrl), secret },
    tickets: new StreamTickets(secret),
    publicUrl,
  });
  book.onChange(() => running.endEach((request) => sessions.withdrawn(request)));
  return {
    auth: openAuth({ ...parts, provider: false }),
    oidc:
      oidcIssuer === null || oidcClientId === null
        ? null
        : new OidcSignIn({ open: () => openAuth({ ...parts, provider: true }), name: oidcName, log }),
    sessions,
    stop: () => book.stop(),
  };
}
