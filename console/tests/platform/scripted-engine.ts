import { once } from 'node:events';
import { createServer } from 'node:http';

/** An engine elsewhere, as far as connecting it goes: it lists one model and answers with one word. */
export async function startScriptedEngine(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const answer =
      request.url === '/v1/models'
        ? { data: [{ id: 'scripted-7b', owned_by: 'vllm', max_model_len: 8192 }] }
        : { choices: [{ message: { role: 'assistant', content: 'Hi' } }] };
    request.resume();
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
