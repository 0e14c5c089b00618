import { randomUUID } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import type { Kysely } from 'kysely';
import { type Actor, commandLineActor, recordAct } from '../audit/audit.ts';
import type { Tables } from '../db/tables.ts';

export interface Project {
  id: string;
  organizationId: string;
  name: string;
}

/** Name of the organization and of its project that every installation begins with. */
export const defaultName = 'default';

/** Makes the default organization and project where they don't exist; safe when servers race. */
export async function ensureDefaultProject(kysely: Kysely<Tables>): Promise<Project> {
  const existing = await findProject(kysely, defaultName);
  if (existing !== null) return existing;
  await kysely
    .insertInto('organizations')
    .values({ id: `org-${randomUUID()}`, name: defaultName })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const organization = await kysely
    .selectFrom('organizations')
    .select('id')
    .where('name', '=', defaultName)
    .executeTakeFirstOrThrow();
  await kysely
    .insertInto('projects')
    .values({ id: `proj-${randomUUID()}`, organization_id: organization.id, name: defaultName })
    .onConflict((conflict) => conflict.columns(['organization_id', 'name']).doNothing())
    .execute();
  const project = await findProject(kysely, defaultName);
  if (project === null) throw new Error('the default project was removed while it was made');
  return project;
}

/** Whether an organization runs this installation: the first one that was made. Others only use it. */
export async function ownsMachines(kysely: Kysely<Tables>, organizationId: string): Promise<boolean> {
  const first = await kysely
    .selectFrom('organizations')
    .select('id')
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  return first?.id === organizationId;
}

/** Finds a project of the default organization by name. */
export async function findProject(kysely: Kysely<Tables>, name: string): Promise<Project | null> {
  const row = await kysely
    .selectFrom('projects')
    .innerJoin('organizations', 'organizations.id', 'projects.organization_id')
    .select(['projects.id', 'projects.organization_id as organizationId', 'projects.name'])
    .where('organizations.name', '=', defaultName)
    .where('projects.name', '=', name)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * The project of an id, locked until the transaction ends against being archived.
 * Throws ApiError not_found, or conflict when it is archived.
 */
export async function activeProject(transaction: Kysely<Tables>, id: string): Promise<Project> {
  const row = await transaction
    .selectFrom('projects')
    .select(['id', 'organization_id as organizationId', 'name', 'archived_at'])
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
  if (row === undefined)
    throw new ApiError('not_found', 'There is no such project.', { param: 'project_id' });
  const { archived_at: archivedAt, ...project } = row;
  if (archivedAt !== null)
    throw new ApiError('conflict', `The project ${project.name} is archived.`, { param: 'project_id' });
  return project;
}

/** Names of an organization's projects that aren't archived, by id. */
export async function activeProjectNames(
  kysely: Kysely<Tables>,
  organizationId: string,
): Promise<ReadonlyMap<string, string>> {
  const active = await kysely
    .selectFrom('projects')
    .select(['id', 'name'])
    .where('organization_id', '=', organizationId)
    .where('archived_at', 'is', null)
    .execute();
  return new Map(active.map(({ id, name }) => [id, name]));
}

/** Finds a project by name, making it in the default organization where it doesn't exist. */
export async function ensureProject(
  kysely: Kysely<Tables>,
  name: string,
  actor: Actor = commandLineActor(),
): Promise<Project> {
  const { organizationId } = await ensureDefaultProject(kysely);
  await kysely.transaction().execute(async (transaction) => {
    const made = await transaction
      .insertInto('projects')
      .values({ id: `proj-${randomUUID()}`, organization_id: organizationId, name })
      .onConflict((conflict) => conflict.columns(['organization_id', 'name']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (made === undefined) return;
    await recordAct(transaction, {
      type: 'project.created',
      actor,
      organizationId,
      projectId: made.id,
      resourceId: made.id,
      before: null,
      after: { name },
    });
  });
  const project = await findProject(kysely, name);
  if (project === null) throw new Error(`the project ${name} was removed while it was made`);
  return project;
}
