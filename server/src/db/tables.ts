import type { ColumnType } from 'kysely';

/** A moment that the database sets on insert unless one is given. */
type CreatedAt = ColumnType<Date, Date | undefined, never>;

export interface OrganizationsTable {
  id: string;
  name: string;
  created_at: CreatedAt;
}

export interface ProjectsTable {
  id: string;
  organization_id: string;
  /** Unique within the organization. */
  name: string;
  created_at: CreatedAt;
}

export interface ApiKeysTable {
  id: string;
  project_id: string;
  name: string;
  /** SHA-256 of the key; the key itself is never stored. */
  hash: Buffer;
  /** The key's first characters, by which a person recognizes it. */
  prefix: string;
  created_at: CreatedAt;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** Remote deployments that were connected by hand; local ones follow from the weights that are there. */
export interface DeploymentsTable {
  /** As in `remote/llama3.1-8B/1`. */
  id: string;
  model_id: string;
  upstream_model: string;
  kind: string;
  /** Ends in `/v1`. */
  base_url: string;
  /** Name of the environment variable that has the key; the key itself is never stored. */
  api_key_env: string | null;
  context_tokens: number | null;
  image_input: boolean;
  created_at: CreatedAt;
}

/** Every table of the database, as Kysely sees it. */
export interface Tables {
  organizations: OrganizationsTable;
  projects: ProjectsTable;
  api_keys: ApiKeysTable;
  deployments: DeploymentsTable;
}
