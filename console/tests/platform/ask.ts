import { inject } from 'vitest';
import { administer } from './administrator.ts';

/** Asks a model for a few tokens, and waits until the request is in the ledger. */
export async function ask(apiKey: string, model: string, text = 'Hi'): Promise<string> {
  const answer = await fetch(`${inject('console').url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: text }], max_completion_tokens: 4 }),
  });
  if (!answer.ok) throw new Error(`asking ${model} answered ${answer.status}: ${await answer.text()}`);
  await answer.text();
  const requestId = answer.headers.get('x-request-id');
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { data } = await administer<{ data: { id: string; request_id: string }[] }>('/requests');
    const found = data.find(({ request_id: id }) => id === requestId);
    if (found !== undefined) return found.id;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  throw new Error(`request ${requestId} is not in the ledger after 10 s`);
}
