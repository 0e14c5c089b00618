import type { Kysely } from 'kysely';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { Reload } from '../db/reload.ts';
import type { ProjectRole, Role } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';
import type { Logger } from '../log.ts';

/** As for keys: a lost notification is made good. */
const refreshIntervalMs = 5000;
const tables = ['sessions', 'users', 'members', 'project_members', 'projects'] as const;

/** A project that a member may use. */
export interface MemberProject {
  id: string;
  name: string;
  role: ProjectRole;
}

/** A person in an organization. */
export interface Member {
  userId: string;
  name: string;
  email: string;
  organizationId: string;
  organizationName: string;
  role: Role;
  /** The oldest first. */
  projects: readonly MemberProject[];
}

/** A signed-in member. */
export interface Session {
  id: string;
  expiresAt: Date;
  member: Member;
}

interface KnownSession {
  id: string;
  userId: string;
  expiresAt: Date;
}

/**
 * Who is signed in and what they are members of, all in memory, so that a request by session waits for the database only when its
 * session is seen for the first time. Whoever changes it, on whatever server, the database announces it.
 */
export class SessionBook {
  readonly #database: Pick<Database, 'kysely'>;
  readonly #log: Logger;
  #byToken = new Map<string, KnownSession>();
  #byId = new Map<string, KnownSession>();
  #members = new Map<string, Member>();
  #timer: NodeJS.Timeout | undefined;
  readonly #reload = new Reload(() => this.#load());
  #onChange: () => void = () => undefined;

  constructor(database: Pick<Database, 'kysely'>, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** Loads everything and keeps it fresh. Throws when the first load fails. */
  async start(changes: Pick<Changes, 'on'>): Promise<void> {
    await this.#load();
    for (const table of tables) changes.on(table, () => this.#refreshOrWarn());
    this.#timer = setInterval(() => void this.#refreshOrWarn(), refreshIntervalMs);
    this.#timer.unref();
  }

  /** Calls back whenever `memberOf` may have changed for somebody. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reload.idle();
  }

  /** The session of a token that was signed by us; null when it has ended. Throws when that can't be told. */
  async find(token: string): Promise<Session | null> {
    return this.#known(this.#byToken.get(token)) ?? (await this.#begunElsewhere('token', token));
  }

  /** The session of an id that was signed by us, as `find`. */
  async findById(id: string): Promise<Session | null> {
    return this.#known(this.#byId.get(id)) ?? (await this.#begunElsewhere('id', id));
  }

  /** Perhaps it has begun just now, on another server. */
  async #begunElsewhere(column: 'id' | 'token', value: string): Promise<Session | null> {
    const begun = await this.#database.kysely
      .selectFrom('sessions')
      .innerJoin('members', 'members.user_id', 'sessions.user_id')
      .select('sessions.id')
      .where(`sessions.${column}`, '=', value)
      .where('sessions.expires_at', '>', new Date())
      .executeTakeFirst();
    if (begun === undefined) return null;
    await this.refresh();
    return this.#known((column === 'id' ? this.#byId : this.#byToken).get(value));
  }

  /** Whose session it is, as far as is known here; null when it has ended or its user is no member any more. */
  memberOf(sessionId: string): Member | null {
    const session = this.#byId.get(sessionId);
    return (session && this.#members.get(session.userId)) ?? null;
  }

  /** Takes up what has changed by now. */
  async refresh(): Promise<void> {
    await this.#reload.now();
  }

  #known(session: KnownSession | undefined): Session | null {
    if (session === undefined || session.expiresAt.getTime() <= Date.now()) return null;
    const member = this.#members.get(session.userId);
    return member === undefined ? null : { id: session.id, expiresAt: session.expiresAt, member };
  }

  async #refreshOrWarn(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.#log.warn(
        { reason: error instanceof Error ? error.message : '' },
        'the sessions could not be refreshed',
      );
    }
  }

  async #load(): Promise<void> {
    const { kysely } = this.#database;
    const [sessions, members] = await Promise.all([loadSessions(kysely), loadMembers(kysely)]);
    this.#byToken = new Map(sessions.map(({ token, ...session }) => [token, session]));
    this.#byId = new Map([...this.#byToken.values()].map((session) => [session.id, session]));
    this.#members = members;
    this.#onChange();
  }
}

async function loadSessions(kysely: Kysely<Tables>): Promise<(KnownSession & { token: string })[]> {
  return kysely
    .selectFrom('sessions')
    .select(['id', 'token', 'user_id as userId', 'expires_at as expiresAt'])
    .where('expires_at', '>', new Date())
    .execute();
}

async function loadMembers(kysely: Kysely<Tables>): Promise<Map<string, Member>> {
  const [members, projects, memberships] = await Promise.all([
    kysely
      .selectFrom('members')
      .innerJoin('users', 'users.id', 'members.user_id')
      .innerJoin('organizations', 'organizations.id', 'members.organization_id')
      .select([
        'members.user_id as userId',
        'users.name',
        'users.email',
        'members.organization_id as organizationId',
        'organizations.name as organizationName',
        'members.role',
      ])
      .execute(),
    kysely
      .selectFrom('projects')
      .select(['id', 'name', 'organization_id as organizationId'])
      .where('archived_at', 'is', null)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),
    kysely.selectFrom('project_members').select(['project_id', 'user_id', 'role']).execute(),
  ]);
  const roles = new Map(memberships.map((row) => [`${row.user_id} ${row.project_id}`, row.role]));
  return new Map(
    members.map((member) => {
      const reachesAll = member.role === 'owner' || member.role === 'admin';
      const reached = projects
        .filter(({ organizationId }) => organizationId === member.organizationId)
        .flatMap(({ id, name }) => {
          const role = reachesAll ? 'owner' : roles.get(`${member.userId} ${id}`);
          return role === undefined ? [] : [{ id, name, role }];
        });
      return [member.userId, { ...member, projects: reached }];
    }),
  );
}
