import { ApiError } from '@weai/protocol/errors';
import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { creatorName } from '../db/creator-name.ts';
import type { PlaygroundVotesTable, Tables } from '../db/tables.ts';
import { type Comparison, partId } from './comparisons.ts';
import { DocumentStore, type Owner } from './documents.ts';

const verdict = z
  .enum(['best', 'tie', 'none'])
  .describe('`best`: the contestant named; `tie`: several are equally good; `none` is good');

/** A vote on the answers to one prompt. */
export const voteBody = z.strictObject({
  prompt_id: partId,
  verdict,
  contestant_id: partId.nullish(),
  blind: z.boolean().describe('Whether the voter did not know which contestant gave which answer'),
});

export const voteSchema = z.object({
  object: z.literal('playground.vote'),
  prompt_id: z.string(),
  verdict,
  contestant_id: z.string().nullable(),
  blind: z.boolean(),
  created_by: z.string().describe('The user, or the API key'),
  created_by_name: z.string().nullable(),
  created_at: z.int().describe('Unix time in seconds'),
});

const counts = { best: z.int(), blind_best: z.int().describe('Those of them given blind') };

/** The votes of a comparison and what they come to. */
export const votesSchema = z.object({
  object: z.literal('list'),
  data: z.array(voteSchema).describe('Up to 1000, the latest first'),
  has_more: z.boolean(),
  tally: z.object({
    votes: z.int(),
    ties: z.int(),
    none: z.int(),
    contestants: z.array(z.object({ contestant_id: z.string(), ...counts })),
  }),
});

type Vote = Selectable<PlaygroundVotesTable> & { voter_name: string | null };
const voterName = creatorName('voter_id').as('voter_name');
const mostShown = 1000;

/** Votes on the answers of comparisons: of whoever sees the comparison, one for each prompt. */
export class VoteStore {
  readonly #kysely: Kysely<Tables>;

  constructor(kysely: Kysely<Tables>) {
    this.#kysely = kysely;
  }

  /** Votes, or votes anew. @throws ApiError not_found, or invalid_value for a prompt or contestant that isn't there. */
  async vote(voter: Owner, comparisonId: string, given: z.output<typeof voteBody>): Promise<Vote> {
    const { prompt_id, verdict, contestant_id = null, blind } = given;
    if ((verdict === 'best') !== (contestant_id !== null))
      throw invalid('contestant_id', "expected a contestant exactly where the verdict is 'best'");
    return this.#kysely.transaction().execute(async (transaction) => {
      const { content } = await comparisonStore(transaction).get(voter, comparisonId, { lock: true });
      if (!content.prompts.some(({ id }) => id === prompt_id))
        throw invalid('prompt_id', 'expected the id of a prompt of this comparison');
      if (contestant_id !== null && !content.contestants.some(({ id }) => id === contestant_id))
        throw invalid('contestant_id', 'expected the id of a contestant of this comparison');
      return transaction
        .insertInto('playground_votes')
        .values({
          comparison_id: comparisonId,
          prompt_id,
          voter_id: voter.creatorId,
          verdict,
          contestant_id,
          blind,
        })
        .onConflict((conflict) =>
          conflict.columns(['comparison_id', 'prompt_id', 'voter_id']).doUpdateSet((excluded) => ({
            verdict: excluded.ref('excluded.verdict'),
            contestant_id: excluded.ref('excluded.contestant_id'),
            blind: excluded.ref('excluded.blind'),
            created_at: excluded.ref('excluded.created_at'),
          })),
        )
        .returningAll()
        .returning(voterName)
        .executeTakeFirstOrThrow();
    });
  }

  /** Takes the voter's vote on a prompt back. @throws ApiError not_found. */
  async retract(voter: Owner, comparisonId: string, promptId: string): Promise<void> {
    await comparisonStore(this.#kysely).get(voter, comparisonId);
    const { numDeletedRows } = await this.#kysely
      .deleteFrom('playground_votes')
      .where('comparison_id', '=', comparisonId)
      .where('prompt_id', '=', promptId)
      .where('voter_id', '=', voter.creatorId)
      .executeTakeFirst();
    if (numDeletedRows === 0n)
      throw new ApiError('not_found', 'You have no vote on this prompt.', { param: 'prompt_id' });
  }

  /** The votes on prompts that are there, and their tally. @throws ApiError not_found. */
  async list(reader: Owner, comparisonId: string): Promise<z.output<typeof votesSchema>> {
    const { content } = await comparisonStore(this.#kysely).get(reader, comparisonId);
    const valid = this.#kysely
      .selectFrom('playground_votes')
      .where('comparison_id', '=', comparisonId)
      .where(sql<boolean>`prompt_id = any(${content.prompts.map(({ id }) => id)}::text[])`);
    const [votes, groups] = await Promise.all([
      valid
        .selectAll()
        .select(voterName)
        .orderBy('created_at', 'desc')
        .orderBy('prompt_id')
        .orderBy('voter_id')
        .limit(mostShown + 1)
        .execute(),
      valid
        .select(['verdict', 'contestant_id', 'blind', sql<string>`count(*)`.as('votes')])
        .groupBy(['verdict', 'contestant_id', 'blind'])
        .execute(),
    ]);
    return {
      object: 'list',
      data: votes.slice(0, mostShown).map(voteObject),
      has_more: votes.length > mostShown,
      tally: tallyOf(content, groups),
    };
  }
}

interface Group {
  verdict: Vote['verdict'];
  contestant_id: string | null;
  blind: boolean;
  votes: string;
}

function tallyOf({ contestants }: Comparison, groups: readonly Group[]) {
  const count = (matches: (group: Group) => boolean) =>
    groups.filter(matches).reduce((sum, { votes }) => sum + Number(votes), 0);
  return {
    votes: count(() => true),
    ties: count(({ verdict }) => verdict === 'tie'),
    none: count(({ verdict }) => verdict === 'none'),
    contestants: contestants.map(({ id }) => ({
      contestant_id: id,
      best: count(({ contestant_id }) => contestant_id === id),
      blind_best: count(({ contestant_id, blind }) => contestant_id === id && blind),
    })),
  };
}

/** A vote as the API answers it. */
export function voteObject(vote: Vote): z.output<typeof voteSchema> {
  return {
    object: 'playground.vote',
    prompt_id: vote.prompt_id,
    verdict: vote.verdict,
    contestant_id: vote.contestant_id,
    blind: vote.blind,
    created_by: vote.voter_id,
    created_by_name: vote.voter_name,
    created_at: Math.floor(vote.created_at.getTime() / 1000),
  };
}

function comparisonStore(kysely: Kysely<Tables>) {
  return new DocumentStore<Comparison>(kysely, 'comparison');
}

function invalid(param: string, why: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${param}': ${why}.`, { param });
}
