/**
 * An OpenAI-compatible engine that costs next to nothing, so that what is left is the gateway in front of it: answers are
 * bytes that are made once, and HTTP is spoken on bare sockets, which takes a fifth of the time of `node:http`.
 * `node mock-upstream.ts --port 9100 [--chunks 16] [--token-delay-ms 0]`
 */
import { createServer, type Socket } from 'node:net';
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

const usage = { prompt_tokens: 16, completion_tokens: chunkCount, total_tokens: 16 + chunkCount };
const envelope = { id: 'chatcmpl-mock', created: 1_700_000_000, model: 'mock' };
const answer = jsonAnswer({
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
const models = jsonAnswer({
  object: 'list',
  data: [{ id: 'mock', object: 'model', created: 1_700_000_000, owned_by: 'benchmark' }],
});

const streamHead = [
  'HTTP/1.1 200 OK',
  'content-type: text/event-stream',
  'cache-control: no-cache',
  'transfer-encoding: chunked',
  '\r\n',
].join('\r\n');
const firstPart = Buffer.from(streamHead + transferChunk(event({ role: 'assistant', content: '' }, null)));
const tokenPart = Buffer.from(transferChunk(event({ content: ' word' }, null)));
const usageEvent = `data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', choices: [], usage })}\n\n`;
const lastPart = (withUsage: boolean): Buffer =>
  Buffer.from(
    `${transferChunk(`${event({}, 'stop')}${withUsage ? usageEvent : ''}data: [DONE]\n\n`)}0\r\n\r\n`,
  );
const lastParts = { withUsage: lastPart(true), withoutUsage: lastPart(false) };

/** An answer under way; a part is a write of its own, as an engine's token is. */
interface Stream {
  socket: Socket;
  tokensLeft: number;
  last: Buffer;
}
const streams = new Set<Stream>();
let scheduled = false;

/** Writes the next part of every stream in one turn of the loop. */
function advance(): void {
  scheduled = false;
  for (const stream of streams) {
    if (stream.socket.destroyed || stream.tokensLeft === 0) {
      streams.delete(stream);
      if (!stream.socket.destroyed) stream.socket.write(stream.last);
    } else {
      stream.tokensLeft -= 1;
      stream.socket.write(tokenPart);
    }
  }
  schedule();
}

function schedule(): void {
  if (scheduled || streams.size === 0) return;
  scheduled = true;
  if (tokenDelayMs > 0) setTimeout(advance, tokenDelayMs);
  else setImmediate(advance);
}

function respond(socket: Socket, head: string, body: Buffer): void {
  if (head.startsWith('GET ')) {
    socket.write(models);
  } else if (!body.includes('"stream":true')) {
    if (tokenDelayMs > 0) setTimeout(() => socket.write(answer), tokenDelayMs * chunkCount);
    else socket.write(answer);
  } else {
    const last = body.includes('"include_usage":true') ? lastParts.withUsage : lastParts.withoutUsage;
    socket.write(firstPart);
    streams.add({ socket, tokensLeft: chunkCount, last });
    schedule();
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    for (;;) {
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = received.toString('latin1', 0, headEnd);
      const bodyStart = headEnd + 4;
      const end = bodyStart + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end) return;
      const body = received.subarray(bodyStart, end);
      received = received.subarray(end);
      respond(socket, head, body);
    }
  });
});
server.listen(Number(values.port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));

function event(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...envelope, object: 'chat.completion.chunk', choices })}\n\n`;
}

function transferChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function jsonAnswer(value: object): Buffer {
  const json = JSON.stringify(value);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}`;
  return Buffer.from(`${head}\r\n\r\n${json}`);
}
