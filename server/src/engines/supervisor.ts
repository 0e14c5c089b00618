import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EngineHealth, engineHealth } from './engine-health.ts';
import type { Logger } from '../log.ts';
import { EngineLog } from './engine-log.ts';
import { processActivity, wasStill } from './process-activity.ts';

/** What a local engine may compute on; `auto` is a GPU where there is one that can be used. */
export type EngineDevice = 'auto' | 'cpu' | 'cuda';

/** A local engine process: which weights it serves and where it listens. */
export interface LocalEngineSpec {
  deploymentId: string;
  weightsPath: string;
  socketPath: string;
  /** The model name the engine is asked for. */
  alias: string;
  device?: EngineDevice;
  threads?: number;
  contextTokens?: number;
}

/** `failed`: the last start didn't succeed; it goes on being tried. */
export type EngineState = 'stopped' | 'starting' | 'ready' | 'restarting' | 'failed';

export interface SupervisorOptions {
  /** Program and first arguments; the embedded engine when left out. */
  command?: readonly string[];
  probeIntervalMs?: number;
  /** A ready engine that doesn't answer a probe and does nothing else either for this long is killed. */
  stillTimeoutMs?: number;
  /** A ready engine that doesn't answer a probe for this long is killed, whatever it does. */
  probeTimeoutMs?: number;
  /** A busy engine whose last step is older than this is killed. */
  stepTimeoutMs?: number;
  /** An engine that isn't ready by then is killed. */
  startTimeoutMs?: number;
  /** Between SIGTERM and SIGKILL. */
  stopTimeoutMs?: number;
  firstBackOffMs?: number;
  longestBackOffMs?: number;
  /** After this long without a failure the back-off starts anew. */
  stableMs?: number;
}

const defaults = {
  probeIntervalMs: 250,
  stillTimeoutMs: 500,
  probeTimeoutMs: 5_000,
  stepTimeoutMs: 60_000,
  startTimeoutMs: 600_000,
  stopTimeoutMs: 10_000,
  firstBackOffMs: 250,
  longestBackOffMs: 30_000,
  stableMs: 60_000,
};

/** Longest path of a Unix socket on Linux, without the closing NUL (sockaddr_un). */
const maxSocketPathBytes = 107;

/** What an engine needs of the environment: nothing that is secret. */
const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES'];
export const engineEnvironment = (): Record<string, string | undefined> =>
  Object.fromEntries(inherited.map((name) => [name, process.env[name]]));

/**
 * Keeps one local engine running: starts it, sees it exit or hang, starts it again with growing pauses. An engine never
 * outlives the server: it ends when its standard input does.
 */
export class EngineSupervisor {
  readonly #spec: LocalEngineSpec;
  readonly #log: Logger;
  readonly #options: typeof defaults & { command: readonly string[] };
  readonly #listeners: ((state: EngineState) => void)[] = [];
  readonly #stopping = new AbortController();
  #state: EngineState = 'stopped';
  #restarts = 0;
  #failure: string | null = null;
  #child: ChildProcess | null = null;
  #running: Promise<void> | null = null;

  constructor(spec: LocalEngineSpec, log: Logger, options: SupervisorOptions = {}) {
    if (Buffer.byteLength(spec.socketPath) > maxSocketPathBytes) {
      throw new RangeError(
        `the socket's path is longer than ${maxSocketPathBytes} bytes: choose a shorter WEAI_DATA_DIR (${spec.socketPath})`,
      );
    }
    this.#spec = spec;
    this.#log = log.child({ deployment: spec.deploymentId });
    this.#options = { ...defaults, command: options.command ?? embeddedEngine(), ...options };
  }

  get state(): EngineState {
    return this.#state;
  }

  /** How often the engine ended unasked and was to be started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Why the engine isn't ready, with its last words; null when it is, or hasn't failed yet. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Calls back at each change of state. */
  onState(listener: (state: EngineState) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Resolves when the engine is healthy.
   * @throws Error with the engine's last words when the first start fails; it is tried again nevertheless.
   */
  async start(): Promise<void> {
    if (this.#running !== null) throw new Error(`${this.#spec.deploymentId} is started already`);
    const first = Promise.withResolvers<void>();
    this.#running = this.#keepRunning(first);
    await first.promise;
  }

  /** SIGTERM, then SIGKILL when that doesn't end it in time. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), this.#options.stopTimeoutMs);
      await this.#running;
      clearTimeout(timer);
    }
    await this.#running;
    this.#enter('stopped');
  }

  async #keepRunning(first: PromiseWithResolvers<void>): Promise<void> {
    const { signal } = this.#stopping;
    let backOffMs = this.#options.firstBackOffMs;
    let wasReady = false;
    while (!signal.aborted) {
      this.#enter(wasReady ? 'restarting' : 'starting');
      const startedMs = performance.now();
      const failure = await this.#runOnce(() => {
        wasReady = true;
        this.#failure = null;
        first.resolve();
      });
      if (signal.aborted) break;
      if (performance.now() - startedMs > this.#options.stableMs) backOffMs = this.#options.firstBackOffMs;
      this.#restarts += 1;
      this.#failure = failure.message;
      this.#log.error({ err: failure, restartInMs: backOffMs }, 'the engine ended');
      this.#enter(wasReady ? 'restarting' : 'failed');
      first.reject(failure);
      await sleep(backOffMs, undefined, { signal }).catch(() => undefined);
      backOffMs = Math.min(backOffMs * 2, this.#options.longestBackOffMs);
    }
    first.reject(new Error(`${this.#spec.deploymentId} was stopped before it was ready`));
  }

  /** Runs one process to its end, and says why it ended. */
  async #runOnce(onReady: () => void): Promise<Error> {
    const { socketPath } = this.#spec;
    rmSync(socketPath, { force: true });
    const [program = process.execPath, ...args] = [...this.#options.command, ...argumentsOf(this.#spec)];
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'pipe'],
      // Its own process group: Ctrl-C reaches the server alone, which lets running answers finish.
      detached: true,
      env: engineEnvironment(),
    });
    this.#child = child;
    const lastWords = new EngineLog(child.stderr, this.#log);
    child.stdin.on('error', (error) => this.#log.debug({ err: error }, 'standard input of the engine'));
    const ended = new AbortController();
    let reason = '';
    const watching = this.#watch(child, ended.signal, onReady).catch((error: unknown) => {
      if (ended.signal.aborted) return;
      reason = error instanceof Error ? error.message : String(error);
      child.kill('SIGKILL');
    });
    const exit = await exitOf(child);
    ended.abort();
    await watching;
    this.#child = null;
    rmSync(socketPath, { force: true });
    return new Error(`${reason || exit}${lastWords.text()}`);
  }

  /** Probes until the process has ended; throws what is wrong with an engine that should be killed. */
  async #watch(child: ChildProcess, ended: AbortSignal, onReady: () => void): Promise<void> {
    const { probeIntervalMs, probeTimeoutMs, stepTimeoutMs, startTimeoutMs } = this.#options;
    const startedMs = performance.now();
    let ready = false;
    while (!ended.aborted) {
      const probe = engineHealth(this.#spec.socketPath, probeTimeoutMs);
      const health = ready ? await this.#answer(probe, child, ended) : await probe;
      if (ended.aborted) return;
      if (health.status === 'ok' && !ready) {
        ready = true;
        this.#enter('ready');
        onReady();
      }
      if (ready && health.status === 'silent') {
        throw new Error(`it hung: no answer to a probe for ${probeTimeoutMs} ms`);
      }
      if (health.status === 'ok' && health.busy && health.lastStepAgeMs > stepTimeoutMs) {
        throw new Error(`it hung: busy, and the last step was ${health.lastStepAgeMs} ms ago`);
      }
      if (!ready && performance.now() - startedMs > startTimeoutMs) {
        throw new Error(`it was not ready after ${startTimeoutMs} ms`);
      }
      // Loading takes a second or less for small weights: look often, so that a restart is short.
      await sleep(ready ? probeIntervalMs : Math.min(50, probeIntervalMs), undefined, { signal: ended });
    }
  }

  /**
   * What a probe finds; throws early when the process does nothing meanwhile. Silence alone proves no hang: on a busy
   * machine an engine may get no processor for a second, or compute for that long, and killing it would break every
   * stream that it still serves. One that has work, could work and doesn't (stopped, or in a deadlock) is never coming
   * back, and its clients wait: probed every 250 ms, it is found 750 ms after its last answer at the latest.
   */
  async #answer(
    probe: Promise<EngineHealth>,
    child: ChildProcess,
    ended: AbortSignal,
  ): Promise<EngineHealth> {
    const { probeIntervalMs, stillTimeoutMs } = this.#options;
    const look = () => (child.pid === undefined ? null : processActivity(child.pid));
    let before = look();
    // Counted in looks, not by the clock: when this process itself was held up, that is one look.
    let stillMs = 0;
    while (stillMs < stillTimeoutMs) {
      const health = await Promise.race([probe, sleep(probeIntervalMs, null, { signal: ended })]);
      if (health !== null) return health;
      const now = look();
      stillMs = wasStill(before, now) ? stillMs + probeIntervalMs : 0;
      before = now;
    }
    throw new Error(`it hung: no answer to a probe, and nothing done for ${stillMs} ms`);
  }

  #enter(state: EngineState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#log.info({ state }, 'engine');
    for (const listener of this.#listeners) listener(state);
  }
}

/** Program and first arguments of our own engine. */
export function embeddedEngine(): [string, string] {
  return [process.execPath, fileURLToPath(import.meta.resolve('@weai/engine/main'))];
}

function argumentsOf(spec: LocalEngineSpec): string[] {
  const args = ['--model', spec.weightsPath, '--socket', spec.socketPath, '--alias', spec.alias];
  if (spec.device !== undefined) args.push('--device', spec.device);
  if (spec.threads !== undefined) args.push('--threads', String(spec.threads));
  if (spec.contextTokens !== undefined) args.push('--context-tokens', String(spec.contextTokens));
  return [...args, '--exit-with-parent'];
}

async function exitOf(child: ChildProcess): Promise<string> {
  try {
    await once(child, 'close');
    return `it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`;
  } catch (error) {
    return `it could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}
