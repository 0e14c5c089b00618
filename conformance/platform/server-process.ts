import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf, stillRunning } from './processes.ts';

const checkout = path.resolve(import.meta.dirname, '../..');
const stopTimeoutMs = 40_000;

/** What a server under test is started with. */
export interface ServerOptions {
  dataDirectory: string;
  apiKey: string;
  /** Name of the file in the data directory that its output is added to. */
  logName: string;
  /** Settings of this server; those of the tests' own environment hold for the rest. */
  settings: NodeJS.ProcessEnv;
  startTimeoutMs: number;
  /** Whether it can be used; asked again until it can, errors count as "not yet". */
  isReady: (url: string) => Promise<boolean>;
}

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

/** A `./weai start` that tests run, and end in the ways in which a server can end. */
export class ServerProcess {
  readonly pid: number;
  /** As in `http://127.0.0.1:40123`. */
  readonly url: string;
  /** For `weai` commands on the same data directory. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  private constructor(child: ChildProcess, url: string, environment: NodeJS.ProcessEnv, logFile: string) {
    if (child.pid === undefined) throw new Error('./weai start could not be started');
    this.pid = child.pid;
    this.url = url;
    this.environment = environment;
    this.#child = child;
    this.#logFile = logFile;
  }

  /** Starts a server on a free port and waits until it is ready. Throws with its output when it doesn't get there. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = await ServerProcess.launch(options);
    try {
      await server.#waitUntilReady(options);
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /** Starts a server and doesn't wait. */
  static async launch({
    dataDirectory,
    apiKey,
    logName,
    settings,
  }: Omit<ServerOptions, 'startTimeoutMs' | 'isReady'>): Promise<ServerProcess> {
    const port = await freePort();
    // Not the checkout's, which may declare whatever a developer runs.
    const modelsFile = path.join(dataDirectory, 'weai.yaml');
    if (!existsSync(modelsFile)) writeFileSync(modelsFile, '');
    const environment: NodeJS.ProcessEnv = {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      WEAI_DATA_DIR: dataDirectory,
      WEAI_BOOTSTRAP_API_KEY: apiKey,
      WEAI_MODELS_FILE: modelsFile,
      DATABASE_URL: '',
      ...settings,
    };
    const logFile = path.join(dataDirectory, logName);
    const log = openSync(logFile, 'a');
    const child = spawn(path.join(checkout, 'weai'), ['start'], {
      cwd: checkout,
      env: environment,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return new ServerProcess(child, `http://127.0.0.1:${port}`, environment, logFile);
  }

  /** What the server has printed so far, and those before it on the same data directory. */
  output(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** The exit code; null while it runs, or when a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Stops with SIGTERM. Throws unless it exits with 0 and leaves no process behind. */
  async stop(): Promise<void> {
    if (this.#over) return;
    const children = descendantsOf(this.pid);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) {
      throw new Error(
        `the server ended with ${exitCode ?? signalCode}, not 0:\n${this.output().slice(-3000)}`,
      );
    }
    const orphans = stillRunning(children);
    if (orphans.length > 0) throw new Error(`the server left processes behind:\n${orphans.join('\n')}`);
  }

  /** Ends the server alone, as the kernel would, and waits until it is gone. */
  async kill(): Promise<void> {
    if (!this.#over) await this.#end('SIGKILL');
  }

  get #over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  async #waitUntilReady({ startTimeoutMs, isReady }: ServerOptions): Promise<void> {
    const deadlineMs = performance.now() + startTimeoutMs;
    while (performance.now() < deadlineMs) {
      if (this.#over)
        throw new Error(`./weai start exited with ${this.exitCode}:\n${this.output().slice(-3000)}`);
      // Not listening yet is what this loop waits out.
      if (await isReady(this.url).catch(() => false)) return;
      await sleep(50);
    }
    throw new Error(`the server was not ready in time:\n${this.output().slice(-3000)}`);
  }
}
