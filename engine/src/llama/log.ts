import koffi from 'koffi';
import type { Llama } from './library.ts';
import type { Pointer } from './structures.ts';

const warning = 3;
const error = 4;
const continued = 5;

/** What llama.cpp complained of. Of several errors in a row the first has the cause; those after it say what it led to. */
export interface LlamaLog {
  forget(): void;
  /** The first error since `forget`, or null. */
  firstComplaint(): string | null;
}

/**
 * Writes llama.cpp's warnings and errors to standard error and drops the rest, which is hundreds of lines a load.
 * Must be called on the thread that will call llama.cpp.
 */
export function captureLog(llama: Llama): LlamaLog {
  let first: string | null = null;
  let level = 0;
  const callback = koffi.register((messageLevel: number, textPointer: Pointer) => {
    if (messageLevel !== continued) level = messageLevel;
    if (level < warning) return;
    // Decoded only here: of the two thousand messages of a load all but a few are dropped.
    const text = String(koffi.decode(textPointer, 'char', -1));
    if (level === error && text.trim()) first ??= text.trim();
    process.stderr.write(text);
  }, koffi.pointer(logCallback));
  llama.setLog(callback, 0n);
  return { forget: () => (first = null), firstComplaint: () => first };
}

const logCallback = koffi.proto('void llama_log_callback(int32_t level, const void *text, void *data)');
