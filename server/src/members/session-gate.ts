import { ApiError } from '@weai/protocol/errors';
import type { FastifyRequest } from 'fastify';
import { bearerKey, type Identity, type SessionGate } from '../http/authentication.ts';
import { refuseForgeable } from '../http/same-origin.ts';
import { actionOf } from './route-actions.ts';
import { type Action, type Grant, grantOf } from './roles.ts';
import type { Member, Session, SessionBook } from './session-book.ts';
import { sessionToken } from './session-cookie.ts';
import { presentsTicket, type StreamTickets } from './stream-ticket.ts';

export interface SessionGateSettings {
  book: Pick<SessionBook, 'find' | 'findById' | 'memberOf'>;
  /** Name of the cookie, and what it is signed with. */
  cookie: { name: string; secret: string };
  tickets: StreamTickets;
  /** Where browsers find this server, when it can't be told from their requests. */
  publicUrl: string | null;
}

/** A member's request, and where the role allows what it does. */
export interface Admission {
  session: Session;
  grant: Grant;
}

/** Admits requests by session cookie, and streams of the console by a ticket of their session as well. */
export class MemberGate implements SessionGate {
  readonly #settings: SessionGateSettings;

  constructor(settings: SessionGateSettings) {
    this.#settings = settings;
  }

  /** Whether a request carries a session cookie, of whatever worth. */
  presents(request: FastifyRequest): boolean {
    return sessionToken(request.headers.cookie, this.#settings.cookie) !== undefined;
  }

  /** Whether a request carries a stream ticket, of whatever worth, to a route that takes them. */
  presentsTicket(request: FastifyRequest): boolean {
    return presentsTicket(request);
  }

  /** A ticket for the streams of a session. */
  issueTicket({ id }: Session): string {
    return this.#settings.tickets.issue(id);
  }

  /** The session of a request that only asks about it; null when there is none. */
  async current(request: FastifyRequest): Promise<Session | null> {
    const token = sessionToken(request.headers.cookie, this.#settings.cookie);
    return token ? ask(this.#settings.book.find(token)) : null;
  }

  /** The session that a request acts by. Throws ApiError session_expired, csrf_failed. */
  async session(request: FastifyRequest): Promise<Session> {
    return this.#unforged(request, await this.current(request));
  }

  /** The same, when the member's role allows what the route does. Throws ApiError insufficient_permissions as well. */
  async admit(request: FastifyRequest): Promise<Admission> {
    const session = await this.session(request);
    return { session, grant: granted(request, session) };
  }

  /** The identity behind a request by session or ticket in a project. Throws ApiError, not_found for a project that isn't the member's. */
  async identify(request: FastifyRequest): Promise<Identity> {
    const session = this.presentsTicket(request)
      ? this.#unforged(request, await this.#ofTicket(request))
      : await this.session(request);
    granted(request, session);
    const { member } = session;
    return {
      keyId: member.userId,
      projectId: projectOf(request, member),
      organizationId: member.organizationId,
      session: { id: session.id, userId: member.userId },
    };
  }

  /** Why a request that was admitted would be refused by now; null while it may go on, and for one without a session. */
  withdrawn(request: FastifyRequest): ApiError | null {
    const { identity, administrator } = request;
    const sessionId = identity?.session?.id ?? administrator?.member?.sessionId;
    if (sessionId === undefined) return null;
    const member = this.#settings.book.memberOf(sessionId);
    if (member === null)
      return new ApiError('session_expired', 'The session of this request has ended: sign in again.');
    const action = actionOf(request.method, request.routeOptions.url);
    if (grantFor(member, action) === 'none') return forbidden(member, action);
    if (!identity || member.projects.some(({ id }) => id === identity.projectId)) return null;
    return new ApiError(
      'insufficient_permissions',
      'You are no longer in the project of this request: ask an owner of the organization.',
    );
  }

  async #ofTicket(request: FastifyRequest): Promise<Session | null> {
    const { book, tickets } = this.#settings;
    const id = tickets.sessionId(bearerKey(request));
    return id === null ? null : ask(book.findById(id));
  }

  #unforged(request: FastifyRequest, session: Session | null): Session {
    if (session === null) throw new ApiError('session_expired', 'Your session has ended: sign in again.');
    refuseForgeable(request, this.#settings.publicUrl);
    return session;
  }
}

async function ask(found: Promise<Session | null>): Promise<Session | null> {
  try {
    return await found;
  } catch (cause) {
    throw new ApiError('sign_in_unavailable', 'Sessions cannot be checked right now: try again.', {
      retryAfterSeconds: 1,
      cause,
    });
  }
}

/** Where the member's role allows what the route does. Throws ApiError when nowhere. */
function granted(request: FastifyRequest, { member }: Session): Grant {
  const action = actionOf(request.method, request.routeOptions.url);
  const grant = grantFor(member, action);
  if (grant === 'none') throw forbidden(member, action);
  return grant;
}

function grantFor(member: Member, action: Action | null): Grant {
  if (action === null) return member.role === 'owner' ? 'all' : 'none';
  return grantOf(member.role, action);
}

function forbidden({ role }: Member, action: Action | null): ApiError {
  return new ApiError(
    'insufficient_permissions',
    `Your role, ${role}, does not allow this${action === null ? '' : ` (${action})`}: ask an owner of the organization.`,
  );
}

function projectOf(request: FastifyRequest, member: Member): string {
  const named = request.raw.headersDistinct['openai-project'] ?? [];
  const [asked] = named;
  if (asked === undefined) {
    const [first] = member.projects;
    if (first !== undefined) return first.id;
    throw new ApiError(
      'not_found',
      'You are in no project yet: ask an owner of the organization to add you to one.',
      {
        param: 'OpenAI-Project',
      },
    );
  }
  const project = named.length === 1 ? member.projects.find(({ id }) => id === asked) : undefined;
  if (project !== undefined) return project.id;
  throw new ApiError('not_found', 'There is no project of the id in the header OpenAI-Project.', {
    param: 'OpenAI-Project',
  });
}
