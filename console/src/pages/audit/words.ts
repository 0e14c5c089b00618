import type { AuditLog } from './queries.ts';

/** What each kind of act is called. */
export const actWords: Record<string, string> = {
  'api_key.created': 'Made a key',
  'api_key.deleted': 'Revoked a key',
  'project.created': 'Made a project',
  'project.updated': 'Changed a project',
  'project.archived': 'Archived a project',
  'rate_limit.updated': 'Changed limits',
  'price.updated': 'Changed a price',
  'deployment.created': 'Connected an engine',
  'deployment.deleted': 'Disconnected an engine',
  'model.pull_started': 'Began a pull',
  'model.pull_cancelled': 'Cancelled a pull',
  'invite.sent': 'Invited somebody',
  'invite.accepted': 'Joined by invitation',
  'invite.deleted': 'Withdrew an invitation',
  'user.added': 'Added a member',
  'user.updated': 'Changed a member',
  'user.deleted': 'Removed a member',
  'login.succeeded': 'Signed in',
  'login.failed': 'Failed to sign in',
  'logout.succeeded': 'Signed out',
};

/** An act in words; the event's own name where there are none. */
export function actOf(log: AuditLog): string {
  return actWords[log.type] ?? log.type;
}

/** Who did it, as an id or in words. */
export function actorIdOf({ actor }: AuditLog): string {
  return actor.api_key?.id ?? actor.session?.user.id ?? '';
}

/** An id of an actor in words, where it isn't that of a person or a key. */
export function actorWords(id: string): string | null {
  if (id === 'server') return 'The server';
  return id.startsWith('cli:') ? `${id.slice(4)}, on the server’s command line` : null;
}

/** What changed, a line each: "requests per minute: none → 60". */
export function changesOf({ weai: { before, after } }: AuditLog): string[] {
  // What an act leaves as it was isn't worth a line.
  const names = Object.keys(after ?? {}).filter(
    (name) => before === null || said(name, before[name]) !== said(name, after?.[name]),
  );
  return names.map((name) => {
    const now = said(name, after?.[name]);
    const label = name
      .replace(/^nanos_per_/, 'budget_per_')
      .replaceAll('_', ' ')
      .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return before === null ? `${label}: ${now}` : `${label}: ${said(name, before[name])} → ${now}`;
  });
}

function said(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (name.startsWith('nanos_')) return `$${Number(value) / 1e9}`;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  return JSON.stringify(value);
}
