import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor } from '../audit/audit.ts';
import type { Role } from '../db/people-tables.ts';
import { bearerKey, isBySession, type KeyRing, settle, unknownKey } from '../http/authentication.ts';
import type { Grant } from '../members/roles.ts';
import type { Member } from '../members/session-book.ts';
import type { MemberGate } from '../members/session-gate.ts';
import { projectNotFound } from '../projects/administration.ts';
import type { AdminKeyIdentity } from './admin-keys.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on the routes of administration, null elsewhere. */
    administrator: Administrator | null;
  }
}

/** Who administers an organization: an admin key, or a member whose role allows what the route does. */
export interface Administrator {
  organizationId: string;
  /** The admin key's id, or the member's user id. */
  keyId: string;
  /** Null for an admin key, which may do everything. */
  member: { role: Role; sessionId: string; userId: string } | null;
  /** The projects that this request may be about; null for all of the organization. */
  projectIds: readonly string[] | null;
}

export interface AccessDependencies {
  adminKeys: { find(key: string): AdminKeyIdentity | null };
  keys: KeyRing;
  sessions?: MemberGate;
}

/**
 * Requires an admin key, or a session whose role allows it, on every route mounted on `app` after this. A project's key is told
 * apart from a wrong one, and a project that isn't the member's is not found.
 */
export function requireAdministrator(app: FastifyInstance, dependencies: AccessDependencies): void {
  const { adminKeys, keys, sessions } = dependencies;
  app.decorateRequest('administrator', null);
  app.addHook('onRequest', (request, _reply, done) => {
    if (sessions !== undefined && isBySession(request, sessions)) {
      void settle(identifyMember(request, sessions), (member) => (request.administrator = member), done);
      return;
    }
    try {
      request.administrator = identify(request);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('authentication threw no error', { cause: error }));
    }
  });

  function identify(request: FastifyRequest): Administrator {
    const key = bearerKey(request, 'admin-key');
    const administrator = adminKeys.find(key);
    if (administrator !== null) return { ...administrator, member: null, projectIds: null };
    if (keys.find(key) === null) throw unknownKey(key, 'weai admin-keys create');
    throw new ApiError(
      'insufficient_permissions',
      "You have insufficient permissions for this operation: this is a project's key, and it needs an admin key. Make one with: weai admin-keys create",
    );
  }
}

async function identifyMember(request: FastifyRequest, sessions: MemberGate): Promise<Administrator> {
  const { session, grant } = await sessions.admit(request);
  const { member } = session;
  const projectIds = reachedProjects(member, grant);
  const { project_id: asked } = Object.assign({ project_id: undefined }, request.params);
  if (typeof asked === 'string' && projectIds !== null && !projectIds.includes(asked))
    throw projectNotFound(asked);
  return {
    organizationId: member.organizationId,
    keyId: member.userId,
    member: { role: member.role, sessionId: session.id, userId: member.userId },
    projectIds,
  };
}

function reachedProjects({ projects }: Member, grant: Grant): readonly string[] | null {
  if (grant === 'all') return null;
  return projects.filter(({ role }) => grant === 'joined' || role === 'owner').map(({ id }) => id);
}

/** Of the projects that a request asks about, those that it may; undefined for all of the organization. */
export function visibleProjects(
  request: FastifyRequest,
  asked?: readonly string[],
): readonly string[] | undefined {
  const { projectIds } = administratorOf(request);
  if (projectIds === null) return asked;
  return asked === undefined ? projectIds : asked.filter((id) => projectIds.includes(id));
}

/** Who administers, of a request that has passed `requireAdministrator`. */
export function administratorOf(request: FastifyRequest): Administrator {
  if (request.administrator === null) throw new Error('the route is not behind a check of administrators');
  return request.administrator;
}

/** The same as the one who did something, for the audit log. */
export function actorOf(request: FastifyRequest): Actor {
  const { keyId, member } = administratorOf(request);
  return { kind: member === null ? 'api_key' : 'session', id: keyId };
}

/** The role that decides whom somebody may make what: an admin key's is that of an owner. */
export function actorRoleOf(request: FastifyRequest): Role {
  return administratorOf(request).member?.role ?? 'owner';
}
