import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Capabilities, Deployment } from '../deployment.ts';

/** A request as the upstream got it. */
export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** Resolves when the connection's answer is over; `aborted` when the client closed it early. */
  closed: Promise<{ aborted: boolean }>;
}

export type Script = (response: ServerResponse, received: Received) => void | Promise<void>;

/** An engine that answers as scripted, and keeps what it was asked. */
export class ScriptedUpstream {
  readonly received: Received[] = [];
  script: Script;
  #server: Server;

  constructor(script: Script) {
    this.script = script;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  deployment(fields: Partial<Deployment> = {}, capabilities: Partial<Capabilities> = {}): Deployment {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
    const { port } = this.#server.address() as AddressInfo;
    return {
      id: `remote/test/${port}`,
      modelId: 'test-model',
      upstreamModel: 'upstream-name',
      kind: 'vllm',
      endpoint: { baseUrl: `http://127.0.0.1:${port}/v1` },
      apiKey: null,
      capabilities: {
        imageInput: false,
        tools: true,
        structuredOutput: true,
        logprobs: true,
        contextTokens: 4096,
        ...capabilities,
      },
      ...fields,
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const bytes of request) text += String(bytes);
    const closed = once(response, 'close').then(() => ({ aborted: !response.writableFinished }));
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) throw new TypeError('the body is not an object');
    const received = { path: request.url ?? '', headers: request.headers, body: { ...body }, closed };
    this.received.push(received);
    await this.script(response, received);
  }
}

/** Answers 200 with these bytes, `size` at a time, each in a packet of its own. */
export function bytes(text: string, size = Infinity): Script {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket?.setNoDelay(true);
    const whole = Buffer.from(text);
    for (let at = 0; at < whole.length; at += size) {
      response.write(whole.subarray(at, at + size));
      if (size < whole.length) await immediate();
    }
    response.end();
  };
}

/** Answers with a status and a JSON body. */
export function status(code: number, body: object, headers: Record<string, string> = {}): Script {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Events of a stream, with `[DONE]`. */
export function events(...chunks: object[]): string {
  return [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');
}

/** A chunk with one choice. */
export function chunk(delta: object, finish_reason: string | null = null, more: object = {}): object {
  return {
    id: 'upstream-id',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'upstream-name',
    choices: [{ index: 0, delta, logprobs: null, finish_reason, ...more }],
  };
}

/** The chunk with the counts. */
export function usage(prompt_tokens: number, completion_tokens: number, cached_tokens = 0): object {
  return {
    id: 'upstream-id',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'upstream-name',
    choices: [],
    usage: {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      prompt_tokens_details: { cached_tokens },
    },
  };
}
