import { availableParallelism, freemem } from 'node:os';
import { parseArgs } from 'node:util';

/** What an engine process is started with. */
export interface EngineOptions {
  modelPath: string;
  listen: { path: string } | { host: string; port: number };
  modelName: string;
  threads: number;
  gpuLayers: number;
  contextTokens: number | null;
  cacheBytes: number;
  maxRunning: number;
  maxWaiting: number;
  exitWithParent: boolean;
}

/** Of the memory that is free at start, the part that the key-value memory takes when nothing else is said. */
const cacheShare = 1 / 16;

export const engineUsage = `weai engine --model <file.gguf> [--port <port> | --socket <path>]

Runs one model and serves it with OpenAI's API.

  --model <file>           weights, a GGUF file
  --host <address>         address to listen on                          (127.0.0.1)
  --port <port>            TCP port                                      (9000)
  --socket <path>          Unix socket instead of a port
  --alias <name>           name of the model in answers                  (the file's name)
  --threads <n>            computing threads                             (the machine's cores)
  --gpu-layers <n>         layers to put on a GPU, -1 for all            (-1)
  --context-tokens <n>     longest prompt and answer of one request      (what the weights and the memory allow)
  --memory-bytes <n>       memory for keys and values, over all requests, (a sixteenth of what is free)
                           and as much again for prefixes put away
  --max-running <n>        sequences that generate at once               (32)
  --max-waiting <n>        sequences that may wait beyond these          (256)
  --exit-with-parent       end when standard input closes
`;

/** @throws Error in a sentence when an argument is missing or wrong. */
export function parseEngineOptions(args: string[]): EngineOptions {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9000' },
      socket: { type: 'string' },
      alias: { type: 'string' },
      threads: { type: 'string' },
      'gpu-layers': { type: 'string', default: '-1' },
      'context-tokens': { type: 'string' },
      'memory-bytes': { type: 'string' },
      'max-running': { type: 'string', default: '32' },
      'max-waiting': { type: 'string', default: '256' },
      'exit-with-parent': { type: 'boolean', default: false },
    },
  });
  if (!values.model) throw new Error('--model is missing: name a GGUF file');
  const name =
    values.model
      .split('/')
      .at(-1)
      ?.replace(/\.gguf$/i, '') ?? values.model;
  return {
    modelPath: values.model,
    listen: values.socket
      ? { path: values.socket }
      : { host: values.host, port: whole('--port', values.port, 0, 65_535) },
    modelName: values.alias ?? name,
    threads: values.threads ? whole('--threads', values.threads, 1, 512) : availableParallelism(),
    gpuLayers: whole('--gpu-layers', values['gpu-layers'], -1, 10_000),
    contextTokens: values['context-tokens']
      ? whole('--context-tokens', values['context-tokens'], 32, 10_000_000)
      : null,
    cacheBytes: values['memory-bytes']
      ? whole('--memory-bytes', values['memory-bytes'], 1024 * 1024, Number.MAX_SAFE_INTEGER)
      : Math.floor(freemem() * cacheShare),
    maxRunning: whole('--max-running', values['max-running'], 1, 128),
    maxWaiting: whole('--max-waiting', values['max-waiting'], 0, 100_000),
    exitWithParent: values['exit-with-parent'],
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, not ${text}`);
}
