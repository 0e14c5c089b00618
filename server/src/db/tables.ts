import type { ColumnType } from 'kysely';
import type { CreatedAt } from './columns.ts';
import type { PeopleTables } from './people-tables.ts';

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
  /** Its keys don't work from then on. */
  archived_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Whether what is asked and answered is kept, and for how long. */
  store_content: ColumnType<boolean, boolean | undefined, boolean>;
  content_retention_days: ColumnType<number, number | undefined, number>;
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

/** A whole number that PostgreSQL keeps in 64 bits and `pg` gives as text. */
type BigInteger = ColumnType<string, number | string, number | string>;

/**
 * A request that reached an engine. Money is in nano-dollars; prices are nano-dollars for a million tokens, or for an
 * hour of the machine, as they were when the request started.
 */
export interface LedgerTable {
  /** Made by the server: the request id may be the client's own, and used twice. */
  id: string;
  started_at: Date;
  settled_at: Date;
  request_id: string;
  organization_id: string;
  project_id: string;
  key_id: string;
  model_requested: string;
  /** What really answered. */
  model: string;
  /** Null when nothing answered. */
  deployment_id: string | null;
  /** Deployments that failed before the one that answered. */
  route: ColumnType<{ deploymentId: string; code: string }[], string, string>;
  status: 'completed' | 'length' | 'cancelled' | 'interrupted' | 'failed';
  finish_reason: string | null;
  error_code: string | null;
  prompt_tokens: number;
  cached_tokens: number;
  completion_tokens: number;
  reasoning_tokens: number;
  /** Whether the engine told the counts, or they were counted from what it had sent. */
  counts_from: 'engine' | 'stream';
  input_price: BigInteger | null;
  cached_input_price: BigInteger | null;
  output_price: BigInteger | null;
  cost: BigInteger;
  machine_price: BigInteger;
  machine_cost: BigInteger;
  /** The request's share of its deployment's busy time. */
  engine_seconds: number;
  queue_ms: number | null;
  time_to_first_token_ms: number | null;
  duration_ms: number;
}

/** Sums of the ledger by day (UTC), kept in the transactions that insert its rows. */
export interface LedgerDaysTable {
  day: ColumnType<Date, string, string>;
  organization_id: string;
  project_id: string;
  key_id: string;
  model: string;
  requests: BigInteger;
  prompt_tokens: BigInteger;
  cached_tokens: BigInteger;
  completion_tokens: BigInteger;
  reasoning_tokens: BigInteger;
  cost: BigInteger;
  machine_cost: BigInteger;
  engine_seconds: number;
}

/** By day (UTC): what a deployment's machine cost while it was up, and what its requests used of that, in nano-dollars. */
export interface DeploymentDaysTable {
  day: ColumnType<Date, string, string>;
  deployment_id: string;
  up_seconds: number;
  up_cost: BigInteger;
  used_seconds: number;
  used_cost: BigInteger;
}

/** Until when a deployment's time is counted. */
export interface DeploymentUptimesTable {
  deployment_id: string;
  /** Empty where the engine is on a machine of its own. */
  machine_id: string;
  counted_until: Date;
  /** What the last beat added. */
  counted_seconds: number;
}

/** What a model's tokens cost from a time on, in nano-dollars for a million. */
export interface PricesTable {
  model: string;
  effective_from: Date;
  input: BigInteger;
  cached_input: BigInteger;
  output: BigInteger;
  created_at: CreatedAt;
}

/** What a key, project or organization may use; null where nothing is limited. Money is in nano-dollars. */
export interface LimitsTable {
  subject_kind: 'key' | 'project' | 'organization';
  subject_id: string;
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
  concurrent_requests: number | null;
  nanos_per_day: BigInteger | null;
  nanos_per_month: BigInteger | null;
  allowed_models: string[] | null;
}

/** Keys that administer an organization and can't ask models. */
export interface AdminKeysTable {
  id: string;
  organization_id: string;
  name: string;
  /** SHA-256 of the key; the key itself is never stored. */
  hash: Buffer;
  /** The key's first characters, by which a person recognizes it. */
  prefix: string;
  created_at: CreatedAt;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

/** A row for each administrative act. */
export interface AuditLogsTable {
  id: string;
  organization_id: string;
  effective_at: CreatedAt;
  type: string;
  actor_kind: 'api_key' | 'session';
  actor_id: string;
  project_id: string | null;
  resource_id: string;
  before: ColumnType<Record<string, unknown> | null, string | null, never>;
  after: ColumnType<Record<string, unknown> | null, string | null, never>;
}

/** Sums of the ledger by hour (UTC), kept in the transactions that insert its rows. */
export interface LedgerHoursTable {
  hour: Date;
  organization_id: string;
  project_id: string;
  key_id: string;
  model: string;
  requests: BigInteger;
  prompt_tokens: BigInteger;
  cached_tokens: BigInteger;
  completion_tokens: BigInteger;
}

/** The same without keys: what sessions used is under their user, what keys used under the empty one. */
export interface ProjectHoursTable extends Omit<LedgerHoursTable, 'key_id'> {
  user_id: string;
}

/** The same by day (UTC), with costs in nano-dollars. */
export interface ProjectDaysTable extends Omit<ProjectHoursTable, 'hour'> {
  day: ColumnType<Date, string, string>;
  cost: BigInteger;
  machine_cost: BigInteger;
}

/** A request with an Idempotency-Key: while it runs it has a lease, then its answer. */
export interface IdempotencyKeysTable {
  project_id: string;
  key: string;
  /** SHA-256 of path and body. */
  request_hash: Buffer;
  created_at: ColumnType<Date, Date | undefined, Date>;
  lease_until: Date;
  /** Null while it runs, as headers and body are. */
  status: number | null;
  headers: ColumnType<Record<string, string> | null, string | null, string | null>;
  body: Buffer | null;
}

/** A conversation, preset or comparison that someone keeps from the playground. */
export interface PlaygroundDocumentsTable {
  id: string;
  kind: 'conversation' | 'preset' | 'comparison';
  project_id: string;
  /** The user or, where there was no session, the API key. */
  creator_id: string;
  visibility: 'private' | 'project';
  title: string;
  /** Grows by one with each change. */
  version: ColumnType<number, never, number>;
  /** What lists show of the content. */
  summary: ColumnType<Record<string, unknown>, string, string>;
  content: ColumnType<Record<string, unknown>, string, string>;
  /** A tsvector. */
  search: ColumnType<string, unknown, unknown>;
  created_at: CreatedAt;
  updated_at: ColumnType<Date, never, Date>;
}

/** A vote on the answers to one prompt of a comparison. */
export interface PlaygroundVotesTable {
  comparison_id: string;
  prompt_id: string;
  voter_id: string;
  verdict: 'best' | 'tie' | 'none';
  /** The best one; null for the other verdicts. */
  contestant_id: string | null;
  blind: boolean;
  created_at: ColumnType<Date, never, Date>;
}

/** What was asked and answered in a request of a project that stores content. Written from JSON text alone. */
export interface RequestContentsTable {
  /** Of the request's row in the ledger. */
  id: string;
  project_id: string;
  created_at: Date;
  /** What answered, or would have. */
  model: string;
  request: Record<string, unknown>;
  /** Null when nothing was answered; part of an answer when it broke off. */
  answer: Record<string, unknown> | null;
  /** Whether something was too long to keep. */
  truncated: boolean;
  completion_id: string | null;
  /** Whether the client asked for it to be kept as a stored completion. */
  stored: boolean;
  metadata: ColumnType<Record<string, string> | null, never, string>;
}

/** Every table of the database, as Kysely sees it. */
export interface Tables extends PeopleTables {
  organizations: OrganizationsTable;
  projects: ProjectsTable;
  api_keys: ApiKeysTable;
  deployments: DeploymentsTable;
  ledger: LedgerTable;
  ledger_days: LedgerDaysTable;
  ledger_hours: LedgerHoursTable;
  project_days: ProjectDaysTable;
  project_hours: ProjectHoursTable;
  deployment_days: DeploymentDaysTable;
  deployment_uptimes: DeploymentUptimesTable;
  admin_keys: AdminKeysTable;
  audit_logs: AuditLogsTable;
  prices: PricesTable;
  limits: LimitsTable;
  idempotency_keys: IdempotencyKeysTable;
  playground_documents: PlaygroundDocumentsTable;
  playground_votes: PlaygroundVotesTable;
  request_contents: RequestContentsTable;
}
