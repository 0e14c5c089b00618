import { randomUUID } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { type Actor, recordAct } from '../audit/audit.ts';
import { sweepContents } from '../contents/store.ts';
import { announceChange } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import { defaultName } from './projects.ts';

/** A project and its state. */
export interface ProjectState {
  id: string;
  name: string;
  createdAt: Date;
  archivedAt: Date | null;
  /** Whether what is asked and answered is kept. */
  storeContent: boolean;
  contentRetentionDays: number;
}

/** The columns of a `ProjectState`. */
export const projectColumns = [
  'projects.id',
  'projects.name',
  'projects.created_at as createdAt',
  'projects.archived_at as archivedAt',
  'projects.store_content as storeContent',
  'projects.content_retention_days as contentRetentionDays',
] as const;

/** Makes a project. Throws ApiError conflict when the organization has one of that name, archived ones too. */
export async function createProject(
  kysely: Kysely<Tables>,
  { organizationId, name, actor }: { organizationId: string; name: string; actor: Actor },
): Promise<ProjectState> {
  return kysely.transaction().execute(async (transaction) => {
    const project = await transaction
      .insertInto('projects')
      .values({ id: `proj-${randomUUID()}`, organization_id: organizationId, name })
      .onConflict((conflict) => conflict.columns(['organization_id', 'name']).doNothing())
      .returning(projectColumns)
      .executeTakeFirst();
    if (project === undefined) throw nameTaken();
    const scope = { organizationId, projectId: project.id, resourceId: project.id };
    await recordAct(transaction, { type: 'project.created', actor, ...scope, before: null, after: { name } });
    return project;
  });
}

interface ProjectReference {
  organizationId: string;
  id: string;
}

/** The project of an organization. Throws ApiError not_found. */
export async function getProject(
  kysely: Kysely<Tables>,
  { organizationId, id }: ProjectReference,
  lock = false,
): Promise<ProjectState> {
  const project = await kysely
    .selectFrom('projects')
    .select(projectColumns)
    .where('id', '=', id)
    .where('organization_id', '=', organizationId)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  if (project === undefined) throw projectNotFound(id);
  return project;
}

/** What can be changed of a project; what is left out stays. */
export type ProjectChange = Partial<Pick<ProjectState, 'name' | 'storeContent' | 'contentRetentionDays'>>;

/** A project isn't there, or isn't the caller's, which must look the same. */
export function projectNotFound(id: string): ApiError {
  return new ApiError('not_found', `No project found with id '${id}'.`, { param: 'project_id' });
}

/**
 * Renames a project, or sets what it keeps of content. Contents that were kept are deleted before this returns when it keeps none any
 * more. Throws ApiError not_found, conflict when it is archived or the name is taken, invalid_request for renaming the default one,
 * which is found by its name.
 */
export async function updateProject(
  kysely: Kysely<Tables>,
  { organizationId, id, actor, ...given }: ProjectReference & ProjectChange & { actor: Actor },
): Promise<ProjectState> {
  const project = await kysely.transaction().execute(async (transaction) => {
    const before = await getProject(transaction, { organizationId, id }, true);
    refuseArchived(before);
    const after = { ...before, ...given };
    const changed = describeChange(before, after);
    if (changed === null) return before;
    if (after.name !== before.name)
      await refuseName(transaction, before, { organizationId, name: after.name });
    await transaction
      .updateTable('projects')
      .set({
        name: after.name,
        store_content: after.storeContent,
        content_retention_days: after.contentRetentionDays,
      })
      .where('id', '=', id)
      .execute();
    const scope = { organizationId, projectId: id, resourceId: id };
    await recordAct(transaction, { type: 'project.updated', actor, ...scope, ...changed });
    await announceChange(transaction, 'projects');
    return after;
  });
  if (given.storeContent === false) await sweepContents(kysely, id);
  return project;
}

/** What a change changes, for the audit log; null when nothing. */
function describeChange(before: ProjectState, after: ProjectState) {
  const described = ({ name, storeContent, contentRetentionDays }: ProjectState) => ({
    name,
    store_content: storeContent,
    content_retention_days: contentRetentionDays,
  });
  const [old, now] = [Object.entries(described(before)), Object.entries(described(after))];
  const differs = now.map(([, value], index) => value !== old[index]?.[1]);
  if (!differs.includes(true)) return null;
  const pick = (entries: typeof old) => Object.fromEntries(entries.filter((_entry, index) => differs[index]));
  return { before: pick(old), after: pick(now) };
}

async function refuseName(
  transaction: Kysely<Tables>,
  before: ProjectState,
  { organizationId, name }: { organizationId: string; name: string },
): Promise<void> {
  refuseDefault(before, 'renamed');
  const taken = await transaction
    .selectFrom('projects')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken();
}

/** Archives a project: its keys stop working within a second. Throws ApiError not_found, or invalid_request for the default one. */
export async function archiveProject(
  kysely: Kysely<Tables>,
  { organizationId, id, actor }: ProjectReference & { actor: Actor },
): Promise<ProjectState> {
  return kysely.transaction().execute(async (transaction) => {
    const before = await getProject(transaction, { organizationId, id }, true);
    if (before.archivedAt !== null) return before;
    refuseDefault(before, 'archived');
    const archived = await transaction
      .updateTable('projects')
      .set({ archived_at: sql`now()` })
      .where('id', '=', id)
      .returning(projectColumns)
      .executeTakeFirstOrThrow();
    const scope = { organizationId, projectId: id, resourceId: id };
    const change = { before: { name: before.name, status: 'active' }, after: { status: 'archived' } };
    await recordAct(transaction, { type: 'project.archived', actor, ...scope, ...change });
    await announceChange(transaction, 'api_keys');
    return archived;
  });
}

/** Throws ApiError conflict for an archived project. */
export function refuseArchived({ name, archivedAt }: ProjectState): void {
  if (archivedAt !== null)
    throw new ApiError('conflict', `The project ${name} is archived.`, { param: 'project_id' });
}

function refuseDefault({ name }: ProjectState, act: string): void {
  if (name === defaultName)
    throw new ApiError('invalid_request', `The default project cannot be ${act}.`, { param: 'project_id' });
}

function nameTaken(): ApiError {
  return new ApiError('conflict', 'The organization has a project of that name: choose another.', {
    param: 'name',
  });
}
