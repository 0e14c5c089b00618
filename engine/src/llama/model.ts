import type { Llama } from './library.ts';
import type { LlamaLog } from './log.ts';
import type { Pointer } from './structures.ts';

/** Facts about loaded weights that the scheduler and the API need. */
export interface ModelFacts {
  architecture: string;
  description: string;
  parameters: number;
  bytes: number;
  trainedContextTokens: number;
  /** Bytes of key-value memory that one token takes, with 16-bit keys and values. */
  cacheBytesPerToken: number;
  chatTemplate: string | null;
  /** Whether a prefix of a sequence can be kept or shared: not so for recurrent state, which has no positions. */
  sharesPrefixes: boolean;
}

const loadFromMemoryMap = 1;

/**
 * Loads weights from a GGUF file. Parsing untrusted files can crash the process: it happens in the engine process only.
 * @throws Error with llama.cpp's complaint when the file cannot be loaded.
 */
export function loadModel(llama: Llama, path: string, gpuLayers: number, log: LlamaLog): Pointer {
  log.forget();
  const model = llama.loadModel(path, {
    ...llama.modelDefaults(),
    n_gpu_layers: gpuLayers,
    load_mode: loadFromMemoryMap,
  });
  if (!model)
    throw new Error(
      `cannot load ${path}: ${log.firstComplaint() ?? 'not a GGUF file that llama.cpp can read'}`,
    );
  return model;
}

/**
 * Reads the facts of loaded weights. Sizes come from the file's own metadata.
 * @throws Error when the file claims what no model has.
 */
export function readModelFacts(llama: Llama, model: Pointer): ModelFacts {
  const architecture = metadata(llama, model, 'general.architecture') ?? 'unknown';
  const trainedContextTokens = llama.modelTrainedContext(model);
  if (trainedContextTokens < 1) {
    throw new Error(`the weights claim a context of ${trainedContextTokens >>> 0} tokens`);
  }
  const heads = Math.max(1, llama.modelHeads(model));
  const headSize = llama.modelEmbeddingSize(model) / heads;
  const keySize = Number(metadata(llama, model, `${architecture}.attention.key_length`) ?? headSize);
  const valueSize = Number(metadata(llama, model, `${architecture}.attention.value_length`) ?? headSize);
  const perLayer = Math.max(1, llama.modelKeyValueHeads(model)) * (keySize + valueSize) * 2;
  return {
    architecture,
    description: readText((buffer) => llama.modelDescription(model, buffer, buffer.length)) ?? architecture,
    parameters: llama.modelParameterCount(model),
    bytes: llama.modelBytes(model),
    trainedContextTokens,
    cacheBytesPerToken: perLayer * llama.modelLayers(model),
    chatTemplate: llama.modelChatTemplate(model, null),
    sharesPrefixes: !llama.modelIsRecurrent(model) && !llama.modelIsHybrid(model),
  };
}

function metadata(llama: Llama, model: Pointer, key: string): string | null {
  return readText((buffer) => llama.modelMetadata(model, key, buffer, buffer.length));
}

/** Calls a C function that fills a buffer and returns the length, or a negative number when there is nothing. */
function readText(fill: (buffer: Uint8Array) => number): string | null {
  const buffer = new Uint8Array(4096);
  const length = fill(buffer);
  return length < 0
    ? null
    : new TextDecoder().decode(buffer.subarray(0, Math.min(length, buffer.length - 1)));
}
