import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const checkout = path.resolve(import.meta.dirname, '../..');
const apiKey = 'weai-faults-0123456789abcdef';

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

/** An installation without engines of its own: its one model, `scripted`, is served by the upstream. */
export class Installation {
  readonly dataDir = mkdtempSync(path.join(tmpdir(), 'weai-faults-'));
  url = '';
  #settings: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;

  constructor(upstreamUrl: string, settings: NodeJS.ProcessEnv = {}) {
    mkdirSync(this.dataDir, { recursive: true });
    const price = { input: '1', cached_input: '0.5', output: '2' };
    const models = { scripted: { remotes: [{ url: upstreamUrl }], price } };
    writeFileSync(path.join(this.dataDir, 'weai.yaml'), JSON.stringify({ models }));
    this.#settings = settings;
  }

  /** Starts the server and waits until it listens. */
  async start(): Promise<void> {
    const port = await freePort();
    const log = openSync(this.#logFile, 'a');
    const child = spawn(process.execPath, [path.join(checkout, 'server/src/cli.ts'), 'start'], {
      cwd: checkout,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: String(port),
        WEAI_DATA_DIR: this.dataDir,
        WEAI_MODELS_FILE: path.join(this.dataDir, 'weai.yaml'),
        WEAI_BOOTSTRAP_API_KEY: apiKey,
        WEAI_STAND_IN: 'off',
        WEAI_LOG_LEVEL: 'warn',
        DATABASE_URL: '',
        ...this.#settings,
      },
    });
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
    for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
      if (child.exitCode !== null) break;
      // Not listening yet is what this loop waits out.
      const healthy = await fetch(`${this.url}/healthz`).catch(() => null);
      await healthy?.text();
      if (healthy?.ok) return;
      await sleep(30);
    }
    throw new Error(`the server did not start:\n${readFileSync(this.#logFile, 'utf8').slice(-3000)}`);
  }

  /** Ends the server as the kernel would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends the server as an operator would. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
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
      body: JSON.stringify({
        model: 'scripted',
        messages: [{ role: 'user', content: 'Hello there' }],
        max_completion_tokens: 40,
        stream: true,
        stream_options: { include_usage: true },
        ...options.body,
      }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  async readyz(): Promise<{ status: string; database: string; problems: string[] }> {
    const answer = await fetch(`${this.url}/readyz`);
    const body: { status: string; database: string; problems: string[] } = JSON.parse(await answer.text());
    return body;
  }

  get #logFile(): string {
    return path.join(this.dataDir, 'faults.log');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

/** What a client saw of a stream: whether it was complete, and the counts that it told. */
export async function readStream(
  answer: Response,
): Promise<{ complete: boolean; promptTokens: number; completionTokens: number }> {
  const text = await answer.text();
  const usage = /"usage":\{"prompt_tokens":(\d+),"completion_tokens":(\d+)/.exec(text);
  return {
    complete: text.endsWith('data: [DONE]\n\n'),
    promptTokens: Number(usage?.[1] ?? 0),
    completionTokens: Number(usage?.[2] ?? 0),
  };
}
