import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';

/** Who did something: an admin key, or a person at the machine (OpenAI calls what isn't a key a session). */
export interface Actor {
  kind: 'api_key' | 'session';
  id: string;
}

/** What can be done: OpenAI's event types, then those of things that only WeAI has. */
export type AuditEventType =
  | 'api_key.created'
  | 'api_key.deleted'
  | 'project.created'
  | 'project.updated'
  | 'project.archived'
  | 'rate_limit.updated'
  | 'user.added'
  | 'user.updated'
  | 'user.deleted'
  | 'invite.sent'
  | 'invite.accepted'
  | 'invite.deleted'
  | 'login.succeeded'
  | 'login.failed'
  | 'logout.succeeded'
  | 'price.updated'
  | 'deployment.created'
  | 'deployment.deleted'
  | 'model.pull_started'
  | 'model.pull_cancelled';

/** An administrative act. `before` and `after` hold what changed, never a secret. */
export interface Act {
  type: AuditEventType;
  actor: Actor;
  organizationId: string;
  /** Null for what isn't scoped to a project. */
  projectId: string | null;
  resourceId: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** The server itself, for what it makes at its first start. */
export const serverActor: Actor = { kind: 'session', id: 'server' };

/** The operating system's user who runs a command. */
export function commandLineActor(): Actor {
  return { kind: 'session', id: `cli:${userName()}` };
}

/** Writes an act down. Call it in the transaction of the act, so that neither is without the other. */
export async function recordAct(transaction: Kysely<Tables>, act: Act): Promise<void> {
  await transaction
    .insertInto('audit_logs')
    .values({
      id: `audit_log-${randomUUID()}`,
      organization_id: act.organizationId,
      type: act.type,
      actor_kind: act.actor.kind,
      actor_id: act.actor.id,
      project_id: act.projectId,
      resource_id: act.resourceId,
      before: act.before === null ? null : JSON.stringify(act.before),
      after: act.after === null ? null : JSON.stringify(act.after),
    })
    .execute();
}

/** A user without an entry in the system's list has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(process.getuid?.() ?? 'unknown');
    throw error;
  }
}
