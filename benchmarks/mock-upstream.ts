/**
 * An OpenAI-compatible engine that costs next to nothing, so that what is left is the gateway in front of it.
 * `node mock-upstream.ts --port 9100 [--chunks 16] [--token-delay-ms 0]`
 */
import { text as readText } from 'node:stream/consumers';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    chunks: { type: 'string', default: '16' },
    'token-delay-ms': { type: 'string', default: '0' },
  },
});
const chunkCount = Number(values.chunks);
const tokenDelayMs = Number(values['token-delay-ms']);

interface MockRequest {
  model?: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
}

const usage = { prompt_tokens: 16, completion_tokens: chunkCount, total_tokens: 16 + chunkCount };
const envelope = { id: 'chatcmpl-mock', created: 1_700_000_000, model: 'mock' };
const answer = JSON.stringify({
  ...envelope,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: ' word'.repeat(chunkCount), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
});
const models = JSON.stringify({
  object: 'list',
  data: [{ id: 'mock', object: 'model', created: 1_700_000_000, owned_by: 'benchmark' }],
});

function chunk(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', choices })}\n\n`;
}
const roleChunk = chunk({ role: 'assistant', content: '' }, null);
const tokenChunk = chunk({ content: ' word' }, null);
const finishChunk = chunk({}, 'stop');
const usageChunk = `data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', choices: [], usage })}\n\n`;

async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readText(incoming);
  if (incoming.method === 'GET') {
    sendJson(response, models);
    return;
  }
  const body: MockRequest = JSON.parse(text);
  if (body.stream !== true) {
    if (tokenDelayMs > 0) await delay(tokenDelayMs * chunkCount);
    sendJson(response, answer);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(roleChunk);
  for (let index = 0; index < chunkCount && !response.destroyed; index += 1) {
    // A write of its own for each token, as an engine does: in one turn of the loop they would leave as one.
    await (tokenDelayMs > 0 ? delay(tokenDelayMs) : nextTurn());
    response.write(tokenChunk);
  }
  response.end(finishChunk + (body.stream_options?.include_usage ? usageChunk : '') + 'data: [DONE]\n\n');
}

function sendJson(response: ServerResponse, json: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
  response.end(json);
}

const server = createServer((incoming, response) => {
  handle(incoming, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(values.port), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
