import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Lines on standard error that are JSON, parsed; llama.cpp's own are not. */
  log: { level: string; msg: string }[];
  /** All of standard error, to show in a failing test. */
  stderr: string;
}

/** A real engine process on a Unix socket. */
export class EngineProcess {
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #socketPath: string;
  #stderr = '';

  /** @param folder where the socket is made. */
  constructor(modelPath: string, folder: string, args: readonly string[] = []) {
    this.#socketPath = join(folder, 'engine.sock');
    const main = new URL('main.ts', import.meta.url).pathname;
    const options = ['--model', modelPath, '--socket', this.#socketPath, '--threads', '1', ...args];
    this.#child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = this.#end();
  }

  async #end(): Promise<Ending> {
    await once(this.#child, 'close');
    const { exitCode: code, signalCode: signal } = this.#child;
    return { code, signal, log: logLines(this.#stderr), stderr: this.#stderr };
  }

  /** Waits until it is healthy. @throws Error with what the process wrote when it ends or takes longer. */
  async ready(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await this.#isHealthy())) {
      const running = this.#child.exitCode === null && this.#child.signalCode === null;
      if (!running || Date.now() > deadline) throw new Error(`the engine is not ready:\n${this.#stderr}`);
      await delay(50);
    }
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await this.json('GET', '/health')).status === 200;
    } catch {
      // Nobody listens yet.
      return false;
    }
  }

  /** One request; the body of its answer, parsed. */
  async json(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<{ status: number; body: unknown }> {
    const call = request({ socketPath: this.#socketPath, method, path });
    call.end(body && JSON.stringify(body));
    const [response] = (await once(call, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown };
  }

  /** How it ends of itself. @throws Error when it still runs after the time. */
  async endsWithin(timeoutMs: number): Promise<Ending> {
    const timer = new AbortController();
    const late = delay(timeoutMs, null, { signal: timer.signal }).catch(() => null);
    const ending = await Promise.race([this.ended, late]);
    timer.abort();
    if (ending === null) throw new Error(`the engine still runs:\n${this.#stderr}`);
    return ending;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    this.#child.kill(signal);
    return this.ended;
  }
}

function logLines(stderr: string): Ending['log'] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{"level"') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Ending['log'][number]);
}
