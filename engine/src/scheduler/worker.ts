import { availableParallelism, freemem } from 'node:os';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Context } from '../llama/context.ts';
import { openDevice } from '../llama/device.ts';
import { loadLlama } from '../llama/library.ts';
import { captureLog } from '../llama/log.ts';
import { loadModel, readModelFacts } from '../llama/model.ts';
import { Vocabulary } from '../llama/vocabulary.ts';
import { sizeCache } from './cache-size.ts';
import { LlamaBackend } from './llama-backend.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './messages.ts';
import { shareOut } from './resources.ts';
import { Scheduler } from './scheduler.ts';
import { steadyMs } from './steady-clock.ts';

/** The inference thread: owns llama.cpp's context and runs the scheduler while there is work. */

/** Remembered prefixes beyond the running sequences. llama.cpp allows 256 sequences in all, and the context needs one. */
const rememberedSequences = 96;
const batchTokens = 512;
const warmUpMs = 400;
/** One conversation may stay where it is; on the starter so many tokens make a step 3% longer. */
const mostRememberedTokens = 512;
/** Takes 4 ms on the starter, half a token; 4,000 tokens at once would take 60. */
const partTokens = 256;
const port = ownPort();
const post = (message: FromWorker): void => port.postMessage(message);

const options = workerData as WorkerOptions;
const llama = loadLlama();
const log = captureLog(llama);
const wantsAllLayers = options.gpuLayers === -1;
const device = openDevice(
  llama,
  options.gpuLayers === 0 ? 'cpu' : options.device,
  wantsAllLayers ? options.modelPath : null,
);
llama.backendInit();
const model = loadModel(llama, options.modelPath, options.gpuLayers, log);
const facts = readModelFacts(llama, model);
const vocabulary = new Vocabulary(llama, model);
const onGpu = device.kind === 'cuda';
const computesAllLayers = wantsAllLayers || options.gpuLayers >= llama.modelLayers(model);
const resources = shareOut(options, {
  processors: availableParallelism(),
  freeMemoryBytes: freemem(),
  gpu: onGpu ? { freeBytes: device.freeBytes(), computesAllLayers } : null,
});
const sequences = Math.min(255, resources.maxRunning + rememberedSequences);
const { contextTokens, cells } = sizeCache({
  cacheBytes: resources.cacheBytes,
  bytesPerToken: facts.cacheBytesPerToken,
  trainedContextTokens: facts.trainedContextTokens,
  requestedContextTokens: options.contextTokens,
});
const context = new Context(llama, model, {
  cells,
  sequences,
  batchTokens,
  threads: resources.threads,
});
const backend = new LlamaBackend(llama, context, vocabulary, {
  ...resources,
  sequences,
  batchTokens,
  sharesPrefixes: facts.sharesPrefixes,
  rememberedCells: mostRememberedTokens,
  partTokens,
});
const scheduler = new Scheduler(backend, resources.maxRunning);
warmUp();

function ownPort(): MessagePort {
  if (!parentPort) throw new Error('worker.ts runs as a worker thread');
  return parentPort;
}

/**
 * Reads the weights into memory and measures batches of some sizes, within a bound: a large model takes seconds for one.
 * Half of the threads first: where something else uses the processors at start, all of them may take seconds for one token.
 */
function warmUp(): void {
  const sizes = [1, 2, 4, 8, 12, 16, 32, 64, 128, 256, 512].filter(
    (size) => size <= resources.promptBatchTokens,
  );
  // A GPU's driver loads, and may first compile, what a size needs when it comes for the first time: better now than in a request.
  if (onGpu) for (const size of sizes) computeOnce(size, resources.threads);
  const half = Math.max(1, Math.floor(resources.threads / 2));
  computeOnce(1, half);
  const startedMs = performance.now();
  const measure = (size: number, threads: number): void => {
    const beganMs = performance.now();
    if (beganMs - startedMs > warmUpMs) return;
    computeOnce(size, threads);
    scheduler.calibrate(size, performance.now() - beganMs, threads);
  };
  measure(1, half);
  measure(1, resources.threads);
  for (const size of sizes) measure(size, scheduler.threads);
}

function computeOnce(size: number, threads: number): void {
  for (let position = 0; position < size; position += 1) context.add(0, position, 0, position === size - 1);
  context.useThreads(threads);
  context.decode();
  context.truncate(0, 0);
}

function receive(message: ToWorker): void {
  if (message.type === 'submit') {
    scheduler.submit(message.request);
    return;
  }
  const finished = scheduler.cancel(message.id);
  if (finished)
    post({
      type: 'step',
      tokens: [],
      finished: [finished],
      running: scheduler.running,
      queued: scheduler.queued,
    });
}

function takeMessages(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
    receive(next.message as ToWorker);
}

/** Runs until there is nothing to do. Messages are taken between steps, so that a cancelled sequence makes no further token. */
function run(): void {
  while (scheduler.busy) {
    Atomics.store(options.heartbeat, 0, steadyMs());
    const { tokens, finished } = scheduler.step();
    if (tokens.length > 0 || finished.length > 0) {
      post({ type: 'step', tokens, finished, running: scheduler.running, queued: scheduler.queued });
    }
    takeMessages();
  }
  Atomics.store(options.heartbeat, 0, 0n);
}

port.on('message', (message: ToWorker) => {
  receive(message);
  run();
});

post({
  type: 'ready',
  model,
  facts,
  cells: context.cells,
  contextTokens: Math.min(contextTokens, context.cells),
  device: device.description,
  resources,
});
