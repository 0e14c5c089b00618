import type { AuditLog } from './queries.ts';

/** What each kind of act is called. */
export const actWords: Record<string, string> = {
  'api_key.created': 'Made a key',
  'api_key.deleted': 'Revoked a key',
  'project.created': 'Made the project',
  'project.updated': 'Changed the project',
  'project.archived': 'Archived the project',
  'rate_limit.updated': 'Changed limits',
  'price.updated': 'Changed the price',
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
  if (isOfAdminKey(log)) return log.type === 'api_key.created' ? 'Made an admin key' : 'Revoked an admin key';
  return actWords[log.type] ?? log.type;
}

/** Keys of both kinds have the same events; what they are of is among what changed. */
function isOfAdminKey({ type, weai: { before, after } }: AuditLog): boolean {
  return type.startsWith('api_key.') && (after ?? before)?.['kind'] === 'admin';
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

/** Whether it was done to the project that it belongs to, which is then no place but what is meant. */
export function isOfItsProject(log: AuditLog): boolean {
  return log.type.startsWith('project.');
}

/** The id of what it was done to; the name, where that is what a thing goes by. */
export function resourceOf(log: AuditLog): string | null {
  // The event's own field is called as the event is: OpenAI's shape.
  const event: unknown = Object.entries(log).find(([name]) => name === log.type)?.[1];
  return typeof event === 'object' && event !== null && 'id' in event && typeof event.id === 'string'
    ? event.id
    : null;
}

/** What it was done to, where neither its project nor what changed tells. @param nameOf of what is known by an id */
export function subjectOf(log: AuditLog, nameOf: (id: string) => string | undefined): string | null {
  const id = resourceOf(log);
  if (id === null || id === log.project?.id) return null;
  if (log.type === 'price.updated' || log.type.startsWith('model.')) return id;
  if (log.type !== 'rate_limit.updated') return null;
  return log.project === undefined ? 'the organization' : (nameOf(id) ?? null);
}

/** What changed, a line each: "requests per minute: none → 60". */
export function changesOf(log: AuditLog): string[] {
  const { before, after } = log.weai;
  // What was deleted is known by its name.
  if (after === null) return typeof before?.['name'] === 'string' ? [`name: ${before['name']}`] : [];
  // What an act leaves as it was isn't worth a line, nor what the act's own words say.
  const names = Object.keys(after).filter(
    (name) =>
      (before === null || said(name, before[name]) !== said(name, after[name])) &&
      !(name === 'kind' && isOfAdminKey(log)),
  );
  const isPrice = log.type === 'price.updated';
  return names.map((name) => {
    if (isPrice && typeof after[name] === 'number')
      return `${name.replaceAll('_', ' ')}: ${dollars.format(after[name] / 1e9)} per million tokens`;
    const now = said(name, after[name]);
    const label = name
      .replace(/^nanos_per_/, 'budget_per_')
      .replace(/^max_(.*)_per_1_minute$/, '$1_per_minute')
      .replaceAll('_', ' ')
      .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return before === null ? `${label}: ${now}` : `${label}: ${said(name, before[name])} → ${now}`;
  });
}

const count = new Intl.NumberFormat('en');
const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 9 });
const date = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

function said(name: string, value: unknown): string {
  if (value === null || value === undefined) return name === 'allowed_models' ? 'all' : 'none';
  if (name.startsWith('nanos_')) return dollars.format(Number(value) / 1e9);
  if (typeof value === 'number') return count.format(value);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
    return `${date.format(Date.parse(value))} UTC`;
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return value.join(', ') || 'none';
  return JSON.stringify(value);
}
