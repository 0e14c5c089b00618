import { chmodSync, globSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a process takes to see that the clock was moved: it looks with every question for the time. */
const settleMs = 100;

/**
 * A machine's time that can be moved, by libfaketime: what is started with `environment` asks it. As on a real machine
 * the clock that only runs forward is not moved with it.
 */
export class MovableClock {
  readonly environment: NodeJS.ProcessEnv;
  /** For a program with jemalloc, which asks for the time before libfaketime can tell it: with the C library's allocator. */
  readonly environmentOfRedis: NodeJS.ProcessEnv;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'weai-clock-'));
  readonly #baseSeconds: number;

  /** @param start what time it is at first. */
  constructor(start: Date) {
    const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
    if (library === undefined) throw new Error('libfaketime is not installed');
    this.#baseSeconds = Math.round((start.getTime() - Date.now()) / 1000);
    // PostgreSQL runs as another user.
    chmodSync(this.#directory, 0o755);
    this.#write(0);
    this.environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    };
    const [allocator] = globSync('/{usr/,}lib/*-linux-gnu/libc.so.6');
    if (allocator === undefined) throw new Error('the C library is not where it is on Debian');
    this.environmentOfRedis = { ...this.environment, LD_PRELOAD: `${library} ${allocator}` };
  }

  /** Moves the time to so many seconds before or after what it would be without any move. */
  async move(seconds: number): Promise<void> {
    this.#write(seconds);
    await sleep(settleMs);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #file(): string {
    return path.join(this.#directory, 'offset');
  }

  #write(seconds: number): void {
    const offset = this.#baseSeconds + seconds;
    const next = `${this.#file}.next`;
    writeFileSync(next, `${offset < 0 ? '' : '+'}${offset}\n`, { mode: 0o644 });
    renameSync(next, this.#file);
  }
}
