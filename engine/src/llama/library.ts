import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';
import {
  batchType,
  type Batch,
  checkDefaults,
  contextParametersType,
  type ContextParameters,
  knownContextDefaults,
  knownModelDefaults,
  logitBiasType,
  modelParametersType,
  type ModelParameters,
  type Pointer,
  samplerChainParametersType,
  threadpoolParametersType,
  type ThreadpoolParameters,
} from './structures.ts';

/** The version of llama.cpp whose header `structures.ts` follows. */
const supportedVersion = 'v0.5.0';

const require = createRequire(import.meta.url);

/** Folder of the prebuilt libraries for this machine, from the npm package `@node-llama-cpp/<platform>`. */
export function libraryDirectory(): string {
  const name = `${process.platform === 'darwin' ? 'mac' : process.platform}-${process.arch}`;
  const packageName = `@node-llama-cpp/${name}`;
  try {
    return join(dirname(require.resolve(packageName)), '..', 'bins', name);
  } catch (cause) {
    throw new Error(`no prebuilt llama.cpp for this machine: install the npm package ${packageName}`, {
      cause,
    });
  }
}

/** Declares a C function; the type argument says what the signature means in TypeScript. */
function declare<F>(library: ReturnType<typeof koffi.load>, signature: string): F {
  return library.func(signature) as unknown as F;
}

/**
 * Loads llama.cpp's libraries and declares the functions the engine calls.
 * @throws Error when the libraries are missing or of another version than `structures.ts` describes.
 */
export function loadLlama(directory = libraryDirectory()) {
  const files = readdirSync(directory);
  const find = (pattern: RegExp): string => {
    const file = files.find((name) => pattern.test(name));
    if (!file)
      throw new Error(`llama.cpp's libraries are incomplete: ${pattern.source} is missing in ${directory}`);
    return join(directory, file);
  };
  const base = koffi.load(find(/^libggml-base\.(so|dylib)/), { global: true });
  const ggml = koffi.load(find(/^libggml\.(v|so|dylib)/), { global: true });
  const llama = koffi.load(find(/^libllama\.(v|so|dylib)/), { global: true });
  if (!files.some((name) => name.includes(supportedVersion))) {
    throw new Error(`llama.cpp's libraries in ${directory} are not version ${supportedVersion}`);
  }

  const api = {
    loadBackends: declare<(directory: string) => void>(
      ggml,
      'void ggml_backend_load_all_from_path(const char *dir)',
    ),
    /** @returns 0n when the library can't be used. */
    loadBackend: declare<(path: string) => Pointer>(ggml, 'void *ggml_backend_load(const char *path)'),
    unloadBackend: declare<(registry: Pointer) => void>(ggml, 'void ggml_backend_unload(void *reg)'),
    registryDevices: declare<(registry: Pointer) => number>(
      base,
      'size_t ggml_backend_reg_dev_count(void *reg)',
    ),
    registryDevice: declare<(registry: Pointer, index: number) => Pointer>(
      base,
      'void *ggml_backend_reg_dev_get(void *reg, size_t index)',
    ),
    deviceMemory: declare<(device: Pointer, free: [number | bigint], total: [number | bigint]) => void>(
      base,
      'void ggml_backend_dev_memory(void *device, _Out_ size_t *free, _Out_ size_t *total)',
    ),
    backendByType: declare<(type: number) => Pointer>(ggml, 'void *ggml_backend_dev_by_type(int32_t type)'),
    backendRegistry: declare<(device: Pointer) => Pointer>(
      base,
      'void *ggml_backend_dev_backend_reg(void *device)',
    ),
    registryName: declare<(registry: Pointer) => string>(
      base,
      'const char *ggml_backend_reg_name(void *reg)',
    ),
    deviceDescription: declare<(device: Pointer) => string>(
      base,
      'const char *ggml_backend_dev_description(void *device)',
    ),
    procAddress: declare<(registry: Pointer, name: string) => Pointer>(
      base,
      'void *ggml_backend_reg_get_proc_address(void *reg, const char *name)',
    ),
    threadpoolDefaults: declare<(threads: number) => ThreadpoolParameters>(
      base,
      'ggml_threadpool_params ggml_threadpool_params_default(int n_threads)',
    ),
    setLog: declare<(callback: Pointer, data: Pointer) => void>(
      llama,
      'void llama_log_set(void *callback, void *data)',
    ),
    backendInit: declare<() => void>(llama, 'void llama_backend_init()'),
    modelDefaults: declare<() => ModelParameters>(llama, 'llama_model_params llama_model_default_params()'),
    contextDefaults: declare<() => ContextParameters>(
      llama,
      'llama_context_params llama_context_default_params()',
    ),
    loadModel: declare<(path: string, parameters: ModelParameters) => Pointer>(
      llama,
      'void *llama_model_load_from_file(const char *path, llama_model_params params)',
    ),
    freeModel: declare<(model: Pointer) => void>(llama, 'void llama_model_free(void *model)'),
    newContext: declare<(model: Pointer, parameters: ContextParameters) => Pointer>(
      llama,
      'void *llama_init_from_model(void *model, llama_context_params params)',
    ),
    freeContext: declare<(context: Pointer) => void>(llama, 'void llama_free(void *ctx)'),
    attachThreadpool: declare<(context: Pointer, pool: Pointer, batchPool: Pointer) => void>(
      llama,
      'void llama_attach_threadpool(void *ctx, void *pool, void *pool_batch)',
    ),
    setThreads: declare<(context: Pointer, threads: number, batchThreads: number) => void>(
      llama,
      'void llama_set_n_threads(void *ctx, int32_t n_threads, int32_t n_threads_batch)',
    ),
    contextCells: declare<(context: Pointer) => number>(llama, 'uint32_t llama_n_ctx(void *ctx)'),
    memory: declare<(context: Pointer) => Pointer>(llama, 'void *llama_get_memory(void *ctx)'),
    memoryRemove: declare<(memory: Pointer, sequence: number, from: number, to: number) => boolean>(
      llama,
      'bool llama_memory_seq_rm(void *mem, int32_t seq, int32_t p0, int32_t p1)',
    ),
    memoryCopy: declare<(memory: Pointer, source: number, target: number, from: number, to: number) => void>(
      llama,
      'void llama_memory_seq_cp(void *mem, int32_t src, int32_t dst, int32_t p0, int32_t p1)',
    ),
    sequenceStateBytes: declare<(context: Pointer, sequence: number) => number>(
      llama,
      'size_t llama_state_seq_get_size(void *ctx, int32_t seq)',
    ),
    readSequenceState: declare<(context: Pointer, target: Pointer, size: number, sequence: number) => number>(
      llama,
      'size_t llama_state_seq_get_data(void *ctx, void *dst, size_t size, int32_t seq)',
    ),
    writeSequenceState: declare<
      (context: Pointer, source: Pointer, size: number, sequence: number) => number
    >(llama, 'size_t llama_state_seq_set_data(void *ctx, void *src, size_t size, int32_t seq)'),
    decode: declare<(context: Pointer, batch: Batch) => number>(
      llama,
      'int32_t llama_decode(void *ctx, llama_batch batch)',
    ),
    /** Waits until the last batch is computed: a GPU computes on when `decode` has returned. */
    synchronize: declare<(context: Pointer) => void>(llama, 'void llama_synchronize(void *ctx)'),
    logits: declare<(context: Pointer, index: number) => Pointer>(
      llama,
      'void *llama_get_logits_ith(void *ctx, int32_t i)',
    ),

    vocabulary: declare<(model: Pointer) => Pointer>(llama, 'void *llama_model_get_vocab(void *model)'),
    vocabularySize: declare<(vocab: Pointer) => number>(llama, 'int32_t llama_vocab_n_tokens(void *vocab)'),
    tokenIsEnd: declare<(vocab: Pointer, token: number) => boolean>(
      llama,
      'bool llama_vocab_is_eog(void *vocab, int32_t token)',
    ),
    tokenIsControl: declare<(vocab: Pointer, token: number) => boolean>(
      llama,
      'bool llama_vocab_is_control(void *vocab, int32_t token)',
    ),
    tokenBos: declare<(vocab: Pointer) => number>(llama, 'int32_t llama_vocab_bos(void *vocab)'),
    tokenEos: declare<(vocab: Pointer) => number>(llama, 'int32_t llama_vocab_eos(void *vocab)'),
    tokenText: declare<(vocab: Pointer, token: number) => string | null>(
      llama,
      'const char *llama_vocab_get_text(void *vocab, int32_t token)',
    ),
    addsBos: declare<(vocab: Pointer) => boolean>(llama, 'bool llama_vocab_get_add_bos(void *vocab)'),
    tokenize: declareTokenize(llama),
    tokenToPiece: declare<
      (
        vocab: Pointer,
        token: number,
        buffer: Uint8Array,
        length: number,
        strip: number,
        special: boolean,
      ) => number
    >(
      llama,
      'int32_t llama_token_to_piece(void *vocab, int32_t token, void *buf, int32_t length, int32_t lstrip, bool special)',
    ),
    modelDescription: declare<(model: Pointer, buffer: Uint8Array, size: number) => number>(
      llama,
      'int32_t llama_model_desc(void *model, void *buf, size_t size)',
    ),
    modelMetadata: declare<(model: Pointer, key: string, buffer: Uint8Array, size: number) => number>(
      llama,
      'int32_t llama_model_meta_val_str(void *model, const char *key, void *buf, size_t size)',
    ),
    modelChatTemplate: declare<(model: Pointer, name: string | null) => string | null>(
      llama,
      'const char *llama_model_chat_template(void *model, const char *name)',
    ),
    modelTrainedContext: declare<(model: Pointer) => number>(
      llama,
      'int32_t llama_model_n_ctx_train(void *model)',
    ),
    modelLayers: declare<(model: Pointer) => number>(llama, 'int32_t llama_model_n_layer(void *model)'),
    modelHeads: declare<(model: Pointer) => number>(llama, 'int32_t llama_model_n_head(void *model)'),
    modelKeyValueHeads: declare<(model: Pointer) => number>(
      llama,
      'int32_t llama_model_n_head_kv(void *model)',
    ),
    modelEmbeddingSize: declare<(model: Pointer) => number>(llama, 'int32_t llama_model_n_embd(void *model)'),
    modelParameterCount: declare<(model: Pointer) => number>(
      llama,
      'uint64_t llama_model_n_params(void *model)',
    ),
    modelBytes: declare<(model: Pointer) => number>(llama, 'uint64_t llama_model_size(void *model)'),
    modelIsRecurrent: declare<(model: Pointer) => boolean>(
      llama,
      'bool llama_model_is_recurrent(void *model)',
    ),
    modelIsHybrid: declare<(model: Pointer) => boolean>(llama, 'bool llama_model_is_hybrid(void *model)'),
    modelHasEncoder: declare<(model: Pointer) => boolean>(llama, 'bool llama_model_has_encoder(void *model)'),

    chainDefaults: declare<() => { no_perf: boolean }>(
      llama,
      'llama_sampler_chain_params llama_sampler_chain_default_params()',
    ),
    chain: declare<(parameters: { no_perf: boolean }) => Pointer>(
      llama,
      'void *llama_sampler_chain_init(llama_sampler_chain_params params)',
    ),
    chainAdd: declare<(chain: Pointer, sampler: Pointer) => void>(
      llama,
      'void llama_sampler_chain_add(void *chain, void *sampler)',
    ),
    samplerFree: declare<(sampler: Pointer) => void>(llama, 'void llama_sampler_free(void *sampler)'),
    samplerAccept: declare<(sampler: Pointer, token: number) => void>(
      llama,
      'void llama_sampler_accept(void *sampler, int32_t token)',
    ),
    samplerApply: declare<(sampler: Pointer, candidates: Pointer) => void>(
      llama,
      'void llama_sampler_apply(void *sampler, void *candidates)',
    ),
    sample: declare<(sampler: Pointer, context: Pointer, index: number) => number>(
      llama,
      'int32_t llama_sampler_sample(void *sampler, void *ctx, int32_t idx)',
    ),
    greedy: declare<() => Pointer>(llama, 'void *llama_sampler_init_greedy()'),
    distribution: declare<(seed: number) => Pointer>(llama, 'void *llama_sampler_init_dist(uint32_t seed)'),
    topK: declare<(k: number) => Pointer>(llama, 'void *llama_sampler_init_top_k(int32_t k)'),
    topP: declare<(p: number, minimum: number) => Pointer>(
      llama,
      'void *llama_sampler_init_top_p(float p, size_t min_keep)',
    ),
    minP: declare<(p: number, minimum: number) => Pointer>(
      llama,
      'void *llama_sampler_init_min_p(float p, size_t min_keep)',
    ),
    temperature: declare<(t: number) => Pointer>(llama, 'void *llama_sampler_init_temp(float t)'),
    penalties: declare<
      (
        vocabularySize: number,
        lastTokens: number,
        repeat: number,
        frequency: number,
        presence: number,
      ) => Pointer
    >(
      llama,
      'void *llama_sampler_init_penalties(int32_t n_vocab, int32_t last_n, float repeat, float freq, float present)',
    ),
    logitBias: declare<
      (vocabularySize: number, count: number, bias: { token: number; bias: number }[]) => Pointer
    >(llama, 'void *llama_sampler_init_logit_bias(int32_t n_vocab, int32_t n, const llama_logit_bias *bias)'),
    grammar: declare<(vocab: Pointer, grammar: string, root: string) => Pointer>(
      llama,
      'void *llama_sampler_init_grammar(void *vocab, const char *grammar, const char *root)',
    ),
    lazyGrammar: declare<
      (
        vocab: Pointer,
        grammar: string,
        root: string,
        patterns: string[],
        patternCount: number,
        tokens: Int32Array,
        tokenCount: number,
      ) => Pointer
    >(
      llama,
      'void *llama_sampler_init_grammar_lazy_patterns(void *vocab, const char *grammar, const char *root, const char **patterns, size_t n_patterns, const int32_t *tokens, size_t n_tokens)',
    ),
  };
  checkDefaults('llama_model_params', api.modelDefaults(), knownModelDefaults);
  checkDefaults('llama_context_params', api.contextDefaults(), knownContextDefaults);
  return { ...api, loadedFrom: directory };
}

export type Llama = ReturnType<typeof loadLlama>;

type Tokenize = ((
  vocab: Pointer,
  text: Uint8Array,
  textBytes: number,
  tokens: Int32Array,
  maxTokens: number,
  addSpecial: boolean,
  parseSpecial: boolean,
) => number) & { async: (...args: unknown[]) => void };

function declareTokenize(llama: ReturnType<typeof koffi.load>): Tokenize {
  return declare<Tokenize>(
    llama,
    'int32_t llama_tokenize(void *vocab, const void *text, int32_t text_len, _Out_ int32_t *tokens, int32_t n_max, bool add_special, bool parse_special)',
  );
}

/** A sampler's input: `{ llama_token_data *data; size_t size; int64_t selected; bool sorted; }` from `llama.h`. */
export const candidateArrayBytes = 32;
export const candidateBytes = 12;
export const structureTypes = [
  batchType,
  modelParametersType,
  contextParametersType,
  samplerChainParametersType,
  logitBiasType,
  threadpoolParametersType,
];
