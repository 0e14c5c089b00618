import koffi from 'koffi';
import type { SavedPart } from '../scheduler/archive.ts';
import type { Llama } from './library.ts';
import { type Pointer, threadpoolParametersType } from './structures.ts';

export interface ContextOptions {
  /** Tokens that fit into the key-value memory in all, over every sequence. */
  cells: number;
  /** Sequences that may exist at once, running and remembered. */
  sequences: number;
  /** Most tokens of one `decode` call. */
  batchTokens: number;
  threads: number;
}

const cpuDevice = 0;
const flashAttentionAuto = -1;

/** llama.cpp's context: the key-value memory and the batch that is being built. Belongs to one thread. */
export class Context {
  readonly pointer: Pointer;
  readonly cells: number;
  readonly #llama: Llama;
  readonly #memory: Pointer;
  readonly #batch: BatchArrays;
  /** A sequence of our own: llama.cpp saves and restores whole ones only, so a part passes through it. */
  readonly #passage: number;
  #length = 0;
  #threads: number;

  constructor(llama: Llama, model: Pointer, options: ContextOptions) {
    this.#llama = llama;
    this.#threads = options.threads;
    this.#passage = options.sequences;
    this.pointer = llama.newContext(model, {
      ...llama.contextDefaults(),
      n_ctx: options.cells,
      n_batch: options.batchTokens,
      n_ubatch: options.batchTokens,
      n_seq_max: options.sequences + 1,
      // Room for one output a sequence, however few run: llama.cpp wants no less.
      n_outputs_max: options.sequences + 1,
      n_threads: options.threads,
      n_threads_batch: options.threads,
      flash_attn_type: flashAttentionAuto,
      kv_unified: true,
    });
    if (!this.pointer)
      throw new Error(`llama.cpp could not make a context of ${options.cells} tokens: too little memory?`);
    attachThreadpool(llama, this.pointer, options.threads);
    this.cells = llama.contextCells(this.pointer);
    this.#memory = llama.memory(this.pointer);
    this.#batch = new BatchArrays(options.batchTokens);
  }

  /** Adds a token to the batch. @returns its index, by which its logits are found after `decode`. */
  add(token: number, position: number, sequence: number, wantsLogits: boolean): number {
    const index = this.#length;
    this.#batch.set(index, token, position, sequence, wantsLogits);
    this.#length += 1;
    return index;
  }

  /**
   * Runs the batch and empties it.
   * @returns false when llama.cpp finds no room in the key-value memory: nothing was computed.
   * @throws Error when the computation itself fails; the context is then not to be trusted.
   */
  decode(): boolean {
    const count = this.#length;
    this.#length = 0;
    const status = this.#llama.decode(this.pointer, { n_tokens: count, ...this.#batch.addresses });
    if (status === 0) {
      this.#llama.synchronize(this.pointer);
      return true;
    }
    if (status === 1) return false;
    throw new Error(`llama_decode failed with status ${status}`);
  }

  /** Computes on so many threads from now on: at most as many as the context was made with. */
  useThreads(threads: number): void {
    if (threads === this.#threads) return;
    this.#threads = threads;
    this.#llama.setThreads(this.pointer, threads, threads);
  }

  /** Forgets a sequence's tokens from a position on. */
  truncate(sequence: number, length: number): void {
    if (!this.#llama.memoryRemove(this.#memory, sequence, length, -1)) {
      throw new Error(`llama.cpp cannot cut sequence ${sequence} to ${length} tokens`);
    }
  }

  /** Gives `target` the first `length` tokens of `source`, by reference: no memory is used and nothing is computed. */
  share(source: number, target: number, length: number): void {
    this.#llama.memoryCopy(this.#memory, source, target, 0, length);
  }

  /**
   * Copies the keys and values of a sequence's tokens between two positions into memory of their own, which `free` gives back.
   * @returns null when they cannot be read.
   */
  save(sequence: number, from: number, to: number): SavedPart | null {
    this.#llama.memoryCopy(this.#memory, sequence, this.#passage, from, to);
    try {
      const bytes = this.#llama.sequenceStateBytes(this.pointer, this.#passage);
      if (bytes === 0) return null;
      const memory = koffi.alloc('uint8_t', bytes);
      const address: Pointer = koffi.address(memory);
      const free = (): void => koffi.free(memory);
      if (this.#llama.readSequenceState(this.pointer, address, bytes, this.#passage) !== bytes) {
        free();
        return null;
      }
      return {
        tokens: to - from,
        bytes,
        restore: (target) => this.#restore(address, bytes, target, from, to),
        free,
      };
    } finally {
      this.truncate(this.#passage, 0);
    }
  }

  #restore(address: Pointer, bytes: number, target: number, from: number, to: number): boolean {
    const read = this.#llama.writeSequenceState(this.pointer, address, bytes, this.#passage);
    if (read === bytes) this.#llama.memoryCopy(this.#memory, this.#passage, target, from, to);
    this.truncate(this.#passage, 0);
    return read === bytes;
  }

  /** Logits of a batch index of the last `decode`: valid until the next one. */
  logits(index: number, vocabularySize: number): Float32Array {
    return new Float32Array(koffi.view(this.#llama.logits(this.pointer, index), vocabularySize * 4));
  }
}

/** The arrays of a `llama_batch`, in memory that llama.cpp reads in place. */
class BatchArrays {
  readonly addresses: {
    token: Pointer;
    embd: Pointer;
    pos: Pointer;
    n_seq_id: Pointer;
    seq_id: Pointer;
    logits: Pointer;
  };
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #sequences: Int32Array;
  readonly #wanted: Int8Array;

  constructor(size: number) {
    const int32 = (): Pointer => koffi.address(koffi.alloc('int32_t', size));
    const [token, pos, counts, sequences] = [int32(), int32(), int32(), int32()];
    const sequencePointers = koffi.address(koffi.alloc('uint64_t', size));
    const logits = koffi.address(koffi.alloc('int8_t', size));
    this.addresses = { token, embd: 0n, pos, n_seq_id: counts, seq_id: sequencePointers, logits };
    this.#tokens = new Int32Array(koffi.view(token, size * 4));
    this.#positions = new Int32Array(koffi.view(pos, size * 4));
    this.#sequences = new Int32Array(koffi.view(sequences, size * 4));
    this.#wanted = new Int8Array(koffi.view(logits, size));
    new Int32Array(koffi.view(counts, size * 4)).fill(1);
    const pointers = new BigUint64Array(koffi.view(sequencePointers, size * 8));
    for (let index = 0; index < size; index += 1) pointers[index] = sequences + BigInt(index * 4);
  }

  set(index: number, token: number, position: number, sequence: number, wantsLogits: boolean): void {
    this.#tokens[index] = token;
    this.#positions[index] = position;
    this.#sequences[index] = sequence;
    this.#wanted[index] = wantsLogits ? 1 : 0;
  }
}

/**
 * Threads that live as long as the context: llama.cpp otherwise makes them anew for each step. Between steps they sleep: by default
 * they watch for the next one, on the very core that the HTTP thread needs meanwhile (9.5 ms a token against 8.3, two cores).
 */
function attachThreadpool(llama: Llama, context: Pointer, threads: number): void {
  const registry = llama.backendRegistry(llama.backendByType(cpuDevice));
  const create = llama.procAddress(registry, 'ggml_threadpool_new');
  if (!create) throw new Error("llama.cpp's processor library has no ggml_threadpool_new");
  const pool: Pointer = koffi.call(create, threadpoolNew, { ...llama.threadpoolDefaults(threads), poll: 0 });
  if (!pool) throw new Error(`llama.cpp could not start ${threads} threads`);
  llama.attachThreadpool(context, pool, pool);
}

const threadpoolNew = koffi.proto('ggml_threadpool_new', 'void *', [koffi.pointer(threadpoolParametersType)]);
