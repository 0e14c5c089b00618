import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** One answer of the scripted upstream. */
export interface ScriptedAnswer {
  status: number;
  headers?: Record<string, string>;
  /** The body in pieces, each written by itself. */
  pieces?: string[];
  /** From one piece to the next; 2 ms by default. */
  intervalMs?: number;
  /** Silence before the headers. */
  delayMs?: number;
  /** Whether the connection is cut after the last piece instead of ended. */
  cut?: boolean;
}

export interface ScriptedUpstream {
  /** Base URL, ending in /v1. */
  url: string;
  close(): Promise<void>;
}

/** One chunk of a stream, as an event. */
export function scriptedEvent(choice: object | null, usage: object | null = null): string {
  return `data: ${JSON.stringify({
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'scripted',
    choices: choice === null ? [] : [{ index: 0, finish_reason: null, ...choice }],
    usage,
  })}\n\n`;
}

/** A complete stream of two words. */
export const scriptedStream: ScriptedAnswer = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  pieces: [
    scriptedEvent({ delta: { role: 'assistant', content: '' } }),
    scriptedEvent({ delta: { content: 'scripted' } }),
    scriptedEvent({ delta: { content: ' words' } }),
    scriptedEvent({ delta: {}, finish_reason: 'stop' }),
    scriptedEvent(null, { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }),
    'data: [DONE]\n\n',
  ],
};

/**
 * An OpenAI-compatible upstream whose answers are scripted: `PUT /script` replaces the queue of answers and clears the
 * count, each completion takes the next (the last one stays), `GET /script` tells how many were asked for.
 * Without a script it streams two words. Platforms always ask it for a stream.
 */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  let script: ScriptedAnswer[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (request.method === 'PUT') {
        script = JSON.parse(body);
        requests = 0;
        response.end();
      } else if (request.url === '/script') response.end(String(requests));
      else if (request.url?.endsWith('/chat/completions')) {
        requests += 1;
        const next = (script.length > 1 ? script.shift() : script[0]) ?? scriptedStream;
        await answer(response, next);
      } else {
        await answer(response, {
          status: 200,
          pieces: ['{"object":"list","data":[{"id":"scripted","object":"model"}]}'],
        });
      }
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(response: ServerResponse, scripted: ScriptedAnswer): Promise<void> {
  if (scripted.delayMs) await sleep(scripted.delayMs);
  response.writeHead(scripted.status, { 'content-type': 'application/json', ...scripted.headers });
  response.flushHeaders();
  for (const piece of scripted.pieces ?? []) {
    response.write(piece);
    await sleep(scripted.intervalMs ?? 2);
  }
  if (scripted.cut) response.destroy();
  else response.end();
}
