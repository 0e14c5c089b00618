import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { descendantsOf } from '../../conformance/platform/processes.ts';
import { type ServerOptions, ServerProcess } from '../../conformance/platform/server-process.ts';

const apiKey = 'weai-faults-0123456789abcdef';

/** An installation without engines of its own: its one model, `scripted`, is served by the upstream. */
export class Installation {
  readonly dataDir: string;
  readonly #settings: NodeJS.ProcessEnv;
  #server: ServerProcess | null = null;

  constructor(
    upstreamUrl: string,
    settings: NodeJS.ProcessEnv = {},
    dataDir = mkdtempSync(path.join(tmpdir(), 'weai-faults-')),
  ) {
    this.dataDir = dataDir;
    const price = { input: '1', cached_input: '0.5', output: '2' };
    const models = { scripted: { remotes: [{ url: upstreamUrl }], price } };
    writeFileSync(path.join(this.dataDir, 'weai.yaml'), JSON.stringify({ models }));
    this.#settings = settings;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  /** The process that serves: `./weai` may have started Node as a child. */
  get serverPid(): number {
    return descendantsOf(this.pid).find(({ command }) => command.includes('server/src/'))?.pid ?? this.pid;
  }

  /** Starts the server and waits until it listens. */
  async start(): Promise<void> {
    this.#server = await ServerProcess.start(this.#options);
  }

  /** Starts the server and doesn't wait for it. */
  async launch(): Promise<void> {
    this.#server = await ServerProcess.launch(this.#options);
  }

  /** Ends the server as the kernel would. */
  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  /** Ends the server as an operator would. Throws unless it exits with 0 and leaves no process behind. */
  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Removes everything, after `stop`. */
  remove(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Sends a request for a stream with its counts. */
  post(
    requestId: string,
    options: { signal?: AbortSignal; body?: object; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'x-request-id': requestId,
        ...options.headers,
      },
      body: JSON.stringify({ ...requestBody(), ...options.body }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  /** The bytes of the same request, to send them otherwise than a client would. */
  rawRequest(requestId: string): string {
    const body = JSON.stringify(requestBody());
    const lines = [
      'POST /v1/chat/completions HTTP/1.1',
      `host: ${new URL(this.url).host}`,
      `authorization: Bearer ${apiKey}`,
      'content-type: application/json',
      `x-request-id: ${requestId}`,
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  }

  async readyz(): Promise<{ status: string; database: string; problems: string[] }> {
    const answer = await fetch(`${this.url}/readyz`);
    const body: { status: string; database: string; problems: string[] } = JSON.parse(await answer.text());
    return body;
  }

  get #options(): ServerOptions {
    return {
      dataDirectory: this.dataDir,
      apiKey,
      logName: 'faults.log',
      settings: { WEAI_STAND_IN: 'off', WEAI_LOG_LEVEL: 'warn', ...this.#settings },
      startTimeoutMs: 30_000,
      isReady: async (url) => {
        const answer = await fetch(`${url}/healthz`);
        await answer.text();
        return answer.ok;
      },
    };
  }
}

function requestBody(): object {
  return {
    model: 'scripted',
    messages: [{ role: 'user', content: 'Hello there' }],
    max_completion_tokens: 40,
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** What a client saw of an answer: whether it was complete, and the counts that it told. */
export interface SeenAnswer {
  complete: boolean;
  promptTokens: number;
  completionTokens: number;
}

/** Reads a stream to its end. */
export async function readStream(answer: Response): Promise<SeenAnswer> {
  const text = await answer.text();
  return { complete: text.endsWith('data: [DONE]\n\n'), ...countsIn(text) };
}

/** Reads an answer that isn't streamed. */
export async function readAnswer(answer: Response): Promise<SeenAnswer> {
  const text = await answer.text();
  return { complete: answer.ok && text.endsWith('}'), ...countsIn(text) };
}

function countsIn(text: string): Pick<SeenAnswer, 'promptTokens' | 'completionTokens'> {
  const usage = /"usage":\{"prompt_tokens":(\d+),"completion_tokens":(\d+)/.exec(text);
  return { promptTokens: Number(usage?.[1] ?? 0), completionTokens: Number(usage?.[2] ?? 0) };
}
