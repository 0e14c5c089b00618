import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EngineState, EngineSupervisor, type SupervisorOptions } from './supervisor.ts';

const script = fileURLToPath(new URL('./testing/scripted-engine.ts', import.meta.url));
const quick: SupervisorOptions = {
  command: [process.execPath, script],
  probeIntervalMs: 20,
  stillTimeoutMs: 100,
  probeTimeoutMs: 200,
  stepTimeoutMs: 60_000,
  stopTimeoutMs: 300,
  firstBackOffMs: 20,
  longestBackOffMs: 40,
};

let directory: string;
let supervisor: EngineSupervisor;
let states: EngineState[];
let logged: string;

function supervise(alias: string, options: SupervisorOptions = {}): EngineSupervisor {
  logged = '';
  const log = pino({ level: 'debug' }, { write: (line: string) => void (logged += line) });
  const spec = {
    deploymentId: `embedded/${alias}`,
    weightsPath: 'none.gguf',
    socketPath: join(directory, 's'),
    alias,
  };
  supervisor = new EngineSupervisor(spec, log, { ...quick, ...options });
  states = [];
  supervisor.onState((state) => states.push(state));
  return supervisor;
}

/** Process ids of the engines started so far, as they said themselves. */
function engineIds(): number[] {
  return [...logged.matchAll(/"pid":(\d+)/g)].map(([, id]) => Number(id)).filter((id) => id !== process.pid);
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weai-'));
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(directory, { recursive: true });
});

describe('EngineSupervisor', () => {
  test('starts an engine, says when it is ready, and stops it without a trace', async () => {
    await supervise('well').start();
    expect(supervisor.state).toBe('ready');
    await supervisor.stop();
    expect(states).toEqual(['starting', 'ready', 'stopped']);
    expect(engineIds().filter(isRunning)).toEqual([]);
    expect(existsSync(join(directory, 's'))).toBe(false);
  });

  test('says why an engine did not start, and tries again', async () => {
    await expect(supervise('exit-at-start').start()).rejects.toThrow(/exit code 3[^]*the weights are broken/);
    expect(states).toContain('failed');
    await vi.waitFor(() => expect(engineIds().length).toBeGreaterThan(1), 5_000);
  });

  test.each(['crash', 'hang'])('restarts an engine after a %s', async (alias) => {
    await supervise(alias).start();
    await vi.waitFor(() => expect(states).toEqual(['starting', 'ready', 'restarting', 'ready']), 5_000);
    const [first = 0] = engineIds();
    expect(isRunning(first)).toBe(false);
    expect(supervisor.restarts).toBe(1);
  });

  test.runIf(process.platform === 'linux')('kills a stopped engine within 1.2 s', async () => {
    const usual: SupervisorOptions = { probeIntervalMs: 250, stillTimeoutMs: 500, probeTimeoutMs: 5_000 };
    await supervise('well', usual).start();
    const [stopped = 0] = engineIds();
    process.kill(stopped, 'SIGSTOP');
    const stoppedAtMs = performance.now();
    await vi.waitFor(() => expect(isRunning(stopped)).toBe(false), { timeout: 3_000, interval: 10 });
    expect(performance.now() - stoppedAtMs).toBeLessThan(1_200);
    await vi.waitFor(() => expect(states).toEqual(['starting', 'ready', 'restarting', 'ready']), 5_000);
    expect(logged).toContain('nothing done for 500 ms');
  });

  test('leaves an engine alone that computes and answers late', async () => {
    await supervise('late', { probeTimeoutMs: 5_000 }).start();
    await vi.waitFor(() => expect(logged).toContain('computed for 1000 ms'), 5_000);
    await sleep(200);
    expect(states).toEqual(['starting', 'ready']);
  });

  test('kills an engine that computes without end', async () => {
    await supervise('spin', { probeTimeoutMs: 500 }).start();
    await vi.waitFor(() => expect(states).toContain('restarting'), 5_000);
    expect(logged).toContain('no answer to a probe for 500 ms');
  });

  test('kills an engine that is busy without a step', async () => {
    await supervise('stuck').start();
    await vi.waitFor(() => expect(states).toContain('restarting'), 5_000);
    expect(logged).toContain('busy, and the last step was');
  });

  test('kills an engine that ignores SIGTERM', async () => {
    await supervise('stubborn').start();
    await supervisor.stop();
    expect(engineIds().filter(isRunning)).toEqual([]);
  });

  test('stops while it waits to try again', async () => {
    await expect(supervise('exit-at-start', { firstBackOffMs: 60_000 }).start()).rejects.toThrow();
    await supervisor.stop();
    expect(supervisor.state).toBe('stopped');
  });

  test('gives an engine no secret of the environment', async () => {
    vi.stubEnv('WEAI_BOOTSTRAP_API_KEY', 'k');
    await supervise('secret').start();
    vi.unstubAllEnvs();
    await vi.waitFor(() => expect(logged).toContain('PATH'));
    expect(logged).not.toContain('WEAI_BOOTSTRAP_API_KEY');
  });

  test('an engine ends when the server is killed', async () => {
    const socket = join(directory, 's');
    const server = spawn(
      process.execPath,
      [
        '--input-type=module-typescript',
        '--eval',
        `import { pino } from 'pino';
       import { EngineSupervisor } from '${new URL('./supervisor.ts', import.meta.url).href}';
       const spec = { deploymentId: 'd', weightsPath: 'w', socketPath: '${socket}', alias: 'well' };
       await new EngineSupervisor(spec, pino({ level: 'warn' }), { command: [process.execPath, '${script}'] }).start();
       console.log('started');`,
      ],
      { cwd: fileURLToPath(new URL('.', import.meta.url)) },
    );
    supervise('well');
    server.stdout.setEncoding('utf8');
    server.stdout.on('data', (text: string) => (logged += text));
    await vi.waitFor(() => expect(logged).toContain('started'), 10_000);
    server.kill('SIGKILL');
    await once(server, 'exit');
    await vi.waitFor(
      () => expect(engineIds().filter((id) => id !== server.pid && isRunning(id))).toEqual([]),
      5_000,
    );
    expect(engineIds().length).toBeGreaterThan(0);
  });

  test('refuses a socket path that the system cannot hold', () => {
    supervise('well');
    const spec = { deploymentId: 'd', weightsPath: 'w', socketPath: `/${'x'.repeat(107)}`, alias: 'a' };
    expect(() => new EngineSupervisor(spec, pino({ level: 'silent' }))).toThrow(/107 bytes/);
  });
});
