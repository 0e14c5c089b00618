import { parseArgs } from 'node:util';
import { type DeviceChoice, deviceChoices } from './llama/device.ts';

/** What an engine process is started with. */
export interface EngineOptions {
  modelPath: string;
  listen: { path: string } | { host: string; port: number };
  modelName: string;
  device: DeviceChoice;
  /** Layers of the model that a GPU computes; -1 for all. */
  gpuLayers: number;
  /** Null here and below: by the machine. */
  threads: number | null;
  contextTokens: number | null;
  cacheBytes: number | null;
  maxRunning: number | null;
  maxWaiting: number;
  exitWithParent: boolean;
}

export const engineUsage = `weai engine --model <file.gguf> [--port <port> | --socket <path>]
weai engine --check-device [--device <device>]

Runs one model and serves it with OpenAI's API, or only says what it would compute on.

  --model <file>           weights, a GGUF file
  --host <address>         address to listen on                          (127.0.0.1)
  --port <port>            TCP port                                      (9000)
  --socket <path>          Unix socket instead of a port
  --alias <name>           name of the model in answers                  (the file's name)
  --device <device>        auto, cpu or cuda: what computes              (auto: a GPU that can be used, else cpu)
  --gpu-layers <n>         layers to put on a GPU, -1 for all            (-1)
  --threads <n>            computing threads                             (the machine's cores; one beside a GPU)
  --context-tokens <n>     longest prompt and answer of one request      (what the weights and the memory allow)
  --memory-bytes <n>       memory for keys and values, over all requests, (a sixteenth of what is free; half of a GPU's)
                           and as much again for prefixes put away
  --max-running <n>        sequences that generate at once               (32; 64 on a GPU)
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
      device: { type: 'string', default: 'auto' },
      threads: { type: 'string' },
      'gpu-layers': { type: 'string', default: '-1' },
      'context-tokens': { type: 'string' },
      'memory-bytes': { type: 'string' },
      'max-running': { type: 'string' },
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
    device: deviceChoice(values.device),
    threads: values.threads ? whole('--threads', values.threads, 1, 512) : null,
    gpuLayers: whole('--gpu-layers', values['gpu-layers'], -1, 10_000),
    contextTokens: values['context-tokens']
      ? whole('--context-tokens', values['context-tokens'], 32, 10_000_000)
      : null,
    cacheBytes: values['memory-bytes']
      ? whole('--memory-bytes', values['memory-bytes'], 1024 * 1024, Number.MAX_SAFE_INTEGER)
      : null,
    maxRunning: values['max-running'] ? whole('--max-running', values['max-running'], 1, 128) : null,
    maxWaiting: whole('--max-waiting', values['max-waiting'], 0, 100_000),
    exitWithParent: values['exit-with-parent'],
  };
}

/** The arguments of `--check-device`. @throws Error in a sentence when one is wrong. */
export function parseCheckOptions(args: string[]): { device: DeviceChoice } {
  const { values } = parseArgs({
    args,
    options: { 'check-device': { type: 'boolean' }, device: { type: 'string', default: 'auto' } },
  });
  return { device: deviceChoice(values.device) };
}

function deviceChoice(text: string): DeviceChoice {
  const choice = deviceChoices.find((each) => each === text);
  if (choice === undefined)
    throw new Error(`--device must be one of ${deviceChoices.join(', ')}, not ${text}`);
  return choice;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name} must be a whole number from ${least} to ${most}, not ${text}`);
}
