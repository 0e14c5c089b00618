import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Who found which answer to a comparison's prompt the best: one vote for each voter and prompt. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table playground_votes (
      comparison_id text not null references playground_documents (id) on delete cascade,
      prompt_id text not null,
      voter_id text not null,
      verdict text not null check (verdict in ('best', 'tie', 'none')),
      contestant_id text,
      blind boolean not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      primary key (comparison_id, prompt_id, voter_id),
      check ((verdict = 'best') = (contestant_id is not null))
    )`.execute(database);
}
