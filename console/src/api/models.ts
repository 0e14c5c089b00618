import { queryOptions } from '@tanstack/react-query';
import { api, read } from './client.ts';
import type { components, paths } from './openapi.ts';

export type Model =
  paths['/v1/organization/models']['get']['responses'][200]['content']['application/json']['data'][number];
export type TokenUsage = NonNullable<components['schemas']['PlaygroundMetrics']['usage']>;

/** Every model that can be asked for, with what serves it and what it costs. */
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async () => (await read(api.GET('/v1/organization/models'))).data,
  refetchInterval: 15_000,
});

/** What an answer's tokens cost at a model's price now, in dollars; null where it has no price. */
export function costUsd(price: Model['price'], usage: TokenUsage): number | null {
  if (price === null) return null;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const micro =
    (usage.prompt_tokens - cached) * Number(price.input_usd_per_million) +
    cached * Number(price.cached_input_usd_per_million) +
    usage.completion_tokens * Number(price.output_usd_per_million);
  return micro / 1_000_000;
}
