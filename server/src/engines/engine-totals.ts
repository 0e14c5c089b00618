import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const totalsSchema = z.object({
  started_at: z.string(),
  prompt_tokens_total: z.number(),
  cached_tokens_total: z.number(),
  completion_tokens_total: z.number(),
});

/** Tokens that an engine has counted since its start. */
export type EngineTotals = z.output<typeof totalsSchema>;

/** Asks an embedded engine for its totals; null when it doesn't run. Throws when its answer can't be understood. */
export async function engineTotals(socketPath: string): Promise<EngineTotals | null> {
  // oxlint-disable-next-line promise/avoid-new -- the other side is an event emitter
  const body = await new Promise<string | null>((resolve, reject) => {
    const request = get({ socketPath, path: '/health', agent: false, timeout: 3000 }, (response) => {
      text(response).then((body) => resolve(response.statusCode === 200 ? body : null), reject);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });
  return body === null ? null : totalsSchema.parse(JSON.parse(body));
}
