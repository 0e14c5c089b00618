import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { Reload } from '../db/reload.ts';
import type { Identity } from '../http/authentication.ts';
import type { Logger } from '../log.ts';
import { type LimitedSubject, listLimits } from './limits.ts';

/** All limits, in memory; changes by any process are taken up within a second. */
export class LimitBook {
  #subjects = new Map<string, LimitedSubject>();
  /** What `of` has found, for identities that are used again: a key's is. */
  #found = new WeakMap<Identity, LimitedSubject[]>();

  /** Reads the table, and again at every change. Throws when it can't be read now. */
  async follow(changes: Pick<Changes, 'on'>, database: Pick<Database, 'kysely'>, log: Logger): Promise<void> {
    const reload = new Reload(async () => this.replace(await listLimits(database.kysely)));
    changes.on('limits', () =>
      reload.now().catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.message : '' }, 'limits could not be read again');
      }),
    );
    await reload.now();
  }

  replace(subjects: readonly LimitedSubject[]): void {
    this.#subjects = new Map(subjects.map((subject) => [subjectKey(subject), subject]));
    this.#found = new WeakMap();
  }

  /** Those of a request's subjects that have limits, the narrowest first. */
  of(identity: Identity): readonly LimitedSubject[] {
    let found = this.#found.get(identity);
    if (found === undefined) {
      found = subjectKeys(identity)
        .map((key) => this.#subjects.get(key))
        .filter((subject) => subject !== undefined);
      this.#found.set(identity, found);
    }
    return found;
  }
}

/** Who may not use a model by any of these names: neither as asked for nor as what answers. Null when all may. */
export function whoMayNotUse(
  subjects: readonly LimitedSubject[],
  names: readonly string[],
): LimitedSubject | null {
  const refusing = subjects.find(({ limits: { allowedModels } }) => {
    return allowedModels !== null && !names.some((name) => allowedModels.includes(name));
  });
  return refusing ?? null;
}

/** A subject as one text: `project:proj-1`. */
export function subjectKey({ kind, id }: Pick<LimitedSubject, 'kind' | 'id'>): string {
  return `${kind}:${id}`;
}

/** All that a request's use counts for, the narrowest first. */
export function subjectKeys(identity: Identity): readonly string[] {
  let keys = knownKeys.get(identity);
  if (keys === undefined) {
    const { keyId, projectId, organizationId } = identity;
    keys = [`key:${keyId}`, `project:${projectId}`, `organization:${organizationId}`];
    knownKeys.set(identity, keys);
  }
  return keys;
}

/** Of identities that are used again: a key's is. */
const knownKeys = new WeakMap<Identity, readonly string[]>();
