import { inject } from 'vitest';
import type { ScriptedAnswer } from './scripted-upstream.ts';

const address = inject('scriptedUpstream').replace(/\/v1$/, '/script');

/** Name of the model that the scripted upstream answers for. */
export const scriptedModel = 'scripted';

/** What the upstream answers from now on; the last answer stays. */
export async function script(...answers: ScriptedAnswer[]): Promise<void> {
  await fetch(address, { method: 'PUT', body: JSON.stringify(answers) });
}

/** How many completions the upstream was asked for since the last `script`. */
export async function scriptedRequests(): Promise<number> {
  return Number(await (await fetch(address)).text());
}
