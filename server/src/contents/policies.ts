import type { Kysely } from 'kysely';
import type { Changes } from '../db/changes.ts';
import type { Database } from '../db/open.ts';
import { Reload } from '../db/reload.ts';
import type { Tables } from '../db/tables.ts';
import type { Logger } from '../log.ts';

/** Which projects store content, in memory; changes by any process are taken up within a second. */
export class ContentPolicies {
  #projects = new Set<string>();

  /** Reads the table, and again at every change. Throws when it can't be read now. */
  async follow(changes: Pick<Changes, 'on'>, database: Pick<Database, 'kysely'>, log: Logger): Promise<void> {
    const reload = new Reload(async () => this.replace(await storingProjects(database.kysely)));
    changes.on('projects', () =>
      reload.now().catch((error: unknown) => {
        log.warn(
          { reason: error instanceof Error ? error.message : '' },
          'which projects store content could not be read again',
        );
      }),
    );
    await reload.now();
  }

  replace(projectIds: readonly string[]): void {
    this.#projects = new Set(projectIds);
  }

  stores(projectId: string): boolean {
    return this.#projects.has(projectId);
  }
}

async function storingProjects(kysely: Kysely<Tables>): Promise<string[]> {
  const rows = await kysely.selectFrom('projects').select('id').where('store_content', 'is', true).execute();
  return rows.map(({ id }) => id);
}
