import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { Chat } from './api/chat.ts';
import { createEngineServer } from './api/server.ts';
import { grammarComplaint } from './llama/grammar-check.ts';
import { openDevice } from './llama/device.ts';
import { loadLlama } from './llama/library.ts';
import { captureLog } from './llama/log.ts';
import { Vocabulary } from './llama/vocabulary.ts';
import { type EngineOptions, engineUsage, parseCheckOptions, parseEngineOptions } from './options.ts';
import { Inference } from './scheduler/inference.ts';

/** The engine process: weights → inference thread → HTTP. It drains on SIGTERM. */

const drainMs = 30_000;
const createdSeconds = Math.floor(Date.now() / 1000);

function log(level: 'info' | 'error', message: string, fields: object = {}): void {
  process.stderr.write(`${JSON.stringify({ level, time: Date.now(), msg: message, ...fields })}\n`);
}

async function start(options: EngineOptions): Promise<void> {
  const inference = await Inference.start(options, (error) => {
    log('error', 'inference failed', { error: error.message });
    process.exit(70);
  });
  const { facts, model, cells, contextTokens, device, resources } = inference.ready;
  const llama = loadLlama();
  const vocabulary = new Vocabulary(llama, model);
  const chat = new Chat({
    inference,
    vocabulary,
    modelName: options.modelName,
    systemFingerprint: `fp_${createHash('sha256').update(`${facts.description} ${facts.bytes}`).digest('hex').slice(0, 10)}`,
    maxInFlight: resources.maxRunning + options.maxWaiting,
    checkGrammar: (grammar) => grammarComplaint(llama, vocabulary, grammar),
  });
  const startedAt = new Date().toISOString();
  const server = createEngineServer({
    chat,
    modelObject: {
      id: options.modelName,
      object: 'model',
      created: createdSeconds,
      owned_by: 'weai',
      meta: {
        context_tokens: contextTokens,
        parameters: facts.parameters,
        architecture: facts.architecture,
        chat_template: facts.chatTemplate !== null,
        tool_format: chat.toolFormat.name,
      },
    },
    health: () => ({
      status: 'ok',
      busy: inference.inFlight > 0,
      running: inference.running,
      queued: inference.queued,
      last_step_age_ms: inference.stepAgeMs,
      started_at: startedAt,
      prompt_tokens_total: chat.totals.promptTokens,
      cached_tokens_total: chat.totals.cachedTokens,
      completion_tokens_total: chat.totals.completionTokens,
    }),
    log,
  });
  await listen(server, options.listen);
  log('info', 'engine ready', {
    model: options.modelName,
    description: facts.description,
    device,
    threads: resources.threads,
    context_tokens: contextTokens,
    cache_tokens: cells,
    cache_bytes: cells * facts.cacheBytesPerToken,
    archive_bytes: resources.archiveBytes,
    max_running: resources.maxRunning,
    listen: options.listen,
  });
  drainOnSignal(server);
}

async function listen(server: Server, where: EngineOptions['listen']): Promise<void> {
  if ('path' in where) rmSync(where.path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
}

/** No new connections; running answers finish, within `drainMs`. */
function drainOnSignal(server: Server): void {
  let draining = false;
  const drain = (): void => {
    if (draining) return;
    draining = true;
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setInterval(() => server.closeIdleConnections(), 50);
    setTimeout(() => process.exit(0), drainMs);
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
}

/** What an engine would compute on, for `weai doctor`. */
function checkDevice(given: string[]): string {
  const { device } = parseCheckOptions(given);
  const llama = loadLlama();
  captureLog(llama);
  return openDevice(llama, device, null).description;
}

const args = process.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write(engineUsage);
} else {
  try {
    if (args.includes('--check-device')) {
      process.stdout.write(`${checkDevice(args)}\n`);
      process.exit(0);
    }
    const options = parseEngineOptions(args);
    if (options.exitWithParent) process.stdin.on('end', () => process.exit(0)).resume();
    await start(options);
  } catch (error) {
    log('error', error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
