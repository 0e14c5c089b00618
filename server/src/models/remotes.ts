import { type Kysely, sql } from 'kysely';
import { type Actor, commandLineActor, recordAct } from '../audit/audit.ts';
import { announceChange } from '../db/changes.ts';
import type { Tables } from '../db/tables.ts';
import type { EngineKind } from '../engines/deployment.ts';
import { ensureDefaultProject } from '../projects/projects.ts';

/** Every kind of engine, for what a person may type. */
export const engineKinds = [
  'embedded',
  'llama-server',
  'vllm',
  'sglang',
  'ollama',
  'openai',
] as const satisfies readonly EngineKind[];

/** An engine elsewhere that answers for a model. */
export interface RemoteDeployment {
  id: string;
  modelId: string;
  upstreamModel: string;
  kind: EngineKind;
  baseUrl: string;
  /** Name of the environment variable that holds the key. */
  apiKeyEnv: string | null;
  contextTokens: number | null;
  imageInput: boolean;
  /** Unix time in seconds at which it was connected. */
  created: number;
}

/** Public names: as in `llama3.1-8B`, `org/model:tag`. */
export const modelIdPattern = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;

/** The address of an engine can't be used; the message says why. */
export class AddressError extends Error {
  override name = 'AddressError';
}

/** `http://host:8000/`, `http://host:8000/v1/` → `http://host:8000/v1`. Throws AddressError. */
export function normalizeBaseUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null) throw new AddressError(`“${text}” is not a URL. It looks like http://host:8000/v1.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AddressError(`Only http and https addresses can be connected, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new AddressError('Leave credentials out of the URL: name the variable that has the key instead.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new AddressError('The URL ends with its path: a query or fragment has no meaning here.');
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|models)$/, '');
  return `${url.origin}${path.endsWith('/v1') ? path : `${path}/v1`}`;
}

/** Who changes something, and for which organization; the default one unless it is said. */
export interface Author {
  actor: Actor;
  organizationId?: string;
}

/** All connected remotes, oldest first. */
export async function listRemotes(database: Kysely<Tables>): Promise<RemoteDeployment[]> {
  const rows = await database
    .selectFrom('deployments')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    modelId: row.model_id,
    upstreamModel: row.upstream_model,
    kind: engineKinds.find((kind) => kind === row.kind) ?? 'openai',
    baseUrl: row.base_url,
    apiKeyEnv: row.api_key_env,
    contextTokens: row.context_tokens,
    imageInput: row.image_input,
    created: Math.floor(row.created_at.getTime() / 1000),
  }));
}

/**
 * Stores a remote and tells every server. The same address and upstream model for the same model replaces what was
 * known of it. Returns its id, as in `remote/llama3.1-8B/1`.
 */
export async function addRemote(
  database: Kysely<Tables>,
  remote: Omit<RemoteDeployment, 'id' | 'created'>,
  by: Author = { actor: commandLineActor() },
): Promise<string> {
  return database.transaction().execute(async (transaction) => {
    // Two that connect at once must not choose the same number.
    await sql`select pg_advisory_xact_lock(hashtext('deployments'))`.execute(transaction);
    const taken = await transaction
      .selectFrom('deployments')
      .select('id')
      .where('model_id', '=', remote.modelId)
      .execute();
    const numbers = taken.map(({ id }) => Number(id.split('/').at(-1)));
    const changeable = {
      kind: remote.kind,
      api_key_env: remote.apiKeyEnv,
      context_tokens: remote.contextTokens,
      image_input: remote.imageInput,
    };
    const { id } = await transaction
      .insertInto('deployments')
      .values({
        id: `remote/${remote.modelId}/${Math.max(0, ...numbers) + 1}`,
        model_id: remote.modelId,
        upstream_model: remote.upstreamModel,
        base_url: remote.baseUrl,
        ...changeable,
      })
      .onConflict((conflict) =>
        conflict.columns(['model_id', 'base_url', 'upstream_model']).doUpdateSet(changeable),
      )
      .returning('id')
      .executeTakeFirstOrThrow();
    await recordAct(transaction, {
      type: 'deployment.created',
      ...(await authorOf(transaction, by)),
      projectId: null,
      resourceId: id,
      before: null,
      after: { ...remote },
    });
    await announceChange(transaction, 'deployments');
    return id;
  });
}

/** Forgets one remote by its id, or all of a model; tells every server. Returns the ids that are gone. */
export async function removeRemotes(
  database: Kysely<Tables>,
  modelOrId: string,
  by: Author = { actor: commandLineActor() },
): Promise<string[]> {
  return database.transaction().execute(async (transaction) => {
    const rows = await transaction
      .deleteFrom('deployments')
      .where((where) => where.or([where('id', '=', modelOrId), where('model_id', '=', modelOrId)]))
      .returning(['id', 'base_url', 'upstream_model'])
      .execute();
    if (rows.length === 0) return [];
    const author = await authorOf(transaction, by);
    for (const { id, ...before } of rows) {
      const act = { type: 'deployment.deleted', ...author, projectId: null } as const;
      await recordAct(transaction, { ...act, resourceId: id, before, after: null });
    }
    await announceChange(transaction, 'deployments');
    return rows.map(({ id }) => id);
  });
}

async function authorOf(
  database: Kysely<Tables>,
  { actor, organizationId }: Author,
): Promise<Required<Author>> {
  return { actor, organizationId: organizationId ?? (await ensureDefaultProject(database)).organizationId };
}
