import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@redis/client';
import { freePort } from '../../conformance/platform/server-process.ts';

/** Debian's Redis on a port of its own; what it knows is gone when it ends. */
export class RedisServer {
  readonly port: number;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'weai-redis-'));
  #process: ChildProcess | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<RedisServer> {
    const redis = new RedisServer(await freePort());
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
    this.#process = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const text of this.#process.stdout ?? []) if (String(text).includes('Ready to accept')) return;
    throw new Error('Redis did not start');
  }

  /**
   * Makes it as if Redis's clock had been moved: its allocator doesn't run under libfaketime, so all times that limits keep
   * in it (leases, seconds of a window, expiry) are moved the other way, in one step.
   */
  async moveClock(seconds: number): Promise<void> {
    const client = createClient({ url: this.url });
    await client.connect();
    await client.eval(moveScript, { keys: [], arguments: [String(seconds)] });
    client.destroy();
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

const moveScript = `
local seconds = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local kind = redis.call('TYPE', key).ok
  local left = redis.call('PTTL', key)
  if left >= 0 and left <= seconds * 1000 then redis.call('DEL', key)
  else
    if left >= 0 then redis.call('PEXPIRE', key, left - seconds * 1000) end
    if kind == 'zset' then
      for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        redis.call('ZINCRBY', key, -1000 * seconds, member)
      end
    elseif kind == 'hash' and (key:match(':requests$') or key:match(':tokens$')) then
      local entries = redis.call('HGETALL', key)
      redis.call('DEL', key)
      for index = 1, #entries, 2 do
        redis.call('HSET', key, tonumber(entries[index]) - seconds, entries[index + 1])
      end
      if left >= 0 then redis.call('PEXPIRE', key, left - seconds * 1000) end
    end
  end
end`;
