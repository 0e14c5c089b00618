import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../conformance/platform/server-process.ts';

/** Debian's Redis on a port of its own; what it knows is gone when it ends. */
export class RedisServer {
  readonly port: number;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'weai-redis-'));
  #process: ChildProcess | null = null;

  readonly #environment: NodeJS.ProcessEnv;

  private constructor(port: number, environment: NodeJS.ProcessEnv) {
    this.port = port;
    this.#environment = environment;
  }

  /** @param environment beside that of this process, as for another clock. */
  static async start(environment: NodeJS.ProcessEnv = {}): Promise<RedisServer> {
    const redis = new RedisServer(await freePort(), environment);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again after `kill`. */
  async start(): Promise<void> {
    const options = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      this.#directory,
    ];
    this.#process = spawn('redis-server', options, {
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const text of this.#process.stdout ?? []) if (String(text).includes('Ready to accept')) return;
    throw new Error('Redis did not start');
  }

  async kill(): Promise<void> {
    if (this.#process === null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    this.#process = null;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
