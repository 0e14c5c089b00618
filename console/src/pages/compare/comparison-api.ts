import { api, read } from '../../api/client.ts';
import type { components } from '../../api/openapi.ts';
import type { Result } from './comparison.ts';

function fromApi(kept: components['schemas']['PlaygroundComparison']): Result {
  const { id, version, title, visibility, can_edit: canEdit, blind, contestants, prompts, answers } = kept;
  return { id, version, title, visibility, canEdit, blind, contestants, prompts, answers };
}

export async function loadComparison(id: string): Promise<Result> {
  return fromApi(await read(api.GET('/v1/playground/comparisons/{id}', { params: { path: { id } } })));
}

/** Creates or updates it, and gives its id and version. Throws `ApiFailure` with `version_conflict` when it was changed elsewhere. */
export async function keepComparison(result: Result): Promise<{ id: string; version: number }> {
  const { id, version, title, visibility, blind, contestants, prompts, answers } = result;
  const body = { title, visibility, blind, contestants, prompts, answers };
  if (id === null) return read(api.POST('/v1/playground/comparisons', { body }));
  return read(
    api.POST('/v1/playground/comparisons/{id}', { params: { path: { id } }, body: { ...body, version } }),
  );
}

export async function deleteComparison(id: string): Promise<void> {
  await read(api.DELETE('/v1/playground/comparisons/{id}', { params: { path: { id } } }));
}

/** A page of the list, the last changed first; `query` searches titles, prompts and answers. */
export function listComparisons(query: string, after: string | null) {
  return read(
    api.GET('/v1/playground/comparisons', {
      params: {
        query: { limit: 30, ...(query === '' ? {} : { query }), ...(after === null ? {} : { after }) },
      },
    }),
  );
}

export type Vote = components['schemas']['CreatePlaygroundVote'];

export function readVotes(id: string) {
  return read(api.GET('/v1/playground/comparisons/{id}/votes', { params: { path: { id } } }));
}

export function castVote(id: string, vote: Vote) {
  return read(api.POST('/v1/playground/comparisons/{id}/votes', { params: { path: { id } }, body: vote }));
}

export interface MeteredCost {
  costUsd: string;
  machineUsd: string;
}

/** What the ledger says that requests cost, by their x-request-id; those that it doesn't have yet are left out. */
export async function meteredCosts(requestIds: readonly string[]): Promise<Map<string, MeteredCost>> {
  const costs = new Map<string, MeteredCost>();
  for (let start = 0; start < requestIds.length; start += 20) {
    const { data } = await read(
      api.GET('/v1/organization/requests', {
        params: { query: { limit: 20, request_ids: requestIds.slice(start, start + 20) } },
      }),
    );
    for (const { request_id: id, cost } of data)
      costs.set(id, { costUsd: cost.tokens_usd, machineUsd: cost.machine_usd });
  }
  return costs;
}
