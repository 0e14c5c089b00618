import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** An engine that answers every request with as many tokens as it has pieces, at a pace. */
export interface PacedUpstream {
  url: string;
  /** Request ids that reached it, in order. */
  reached: string[];
  /** Milliseconds between pieces. */
  paceMs: number;
  /** Answers with the pieces of the request's body that this gives, instead of as many words as by its length. */
  echo: ((body: string) => string[]) | null;
  /** What each piece begins with. */
  says: string;
  close(): Promise<void>;
}

const promptTokens = 12;

/** Starts one; each answer's length follows from its request id, so that answers differ. */
export async function startUpstream(): Promise<PacedUpstream> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (!request.url?.endsWith('/chat/completions')) {
        response.end('{"object":"list","data":[{"id":"scripted","object":"model"}]}');
        return;
      }
      const requestId = String(request.headers['x-request-id']);
      upstream.reached.push(requestId);
      const count = 5 + ((body.length + requestId.length * 7 + upstream.reached.length) % 30);
      const words = Array.from({ length: count }, (_, piece) => `${upstream.says}${piece} `);
      const pieces = upstream.echo?.(body) ?? words;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]));
      for (const content of pieces) {
        if (response.destroyed) break;
        response.write(event([{ index: 0, delta: { content }, finish_reason: null }]));
        await sleep(upstream.paceMs);
      }
      response.write(event([{ index: 0, delta: {}, finish_reason: 'stop' }]));
      const usage = {
        prompt_tokens: promptTokens,
        completion_tokens: pieces.length,
        total_tokens: promptTokens + pieces.length,
      };
      response.end(`${event([], usage)}data: [DONE]\n\n`);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  const upstream: PacedUpstream = {
    url: `http://127.0.0.1:${address.port}/v1`,
    reached: [],
    paceMs: 4,
    echo: null,
    says: 'w',
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

function event(choices: object[], usage: object | null = null): string {
  const chunk = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices, usage };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
