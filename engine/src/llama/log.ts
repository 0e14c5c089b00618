import koffi from 'koffi';
import type { Llama } from './library.ts';

const warning = 3;
const error = 4;
const continued = 5;

/**
 * Writes llama.cpp's warnings and errors to standard error and drops the rest, which is hundreds of lines a load.
 * Must be called on the thread that will call llama.cpp.
 */
export function captureLog(llama: Llama): { lastComplaint: () => string | null } {
  let last: string | null = null;
  let level = 0;
  const callback = koffi.register((messageLevel: number, text: string) => {
    if (messageLevel !== continued) level = messageLevel;
    if (level < warning) return;
    if (level === error && text.trim()) last = text.trim();
    process.stderr.write(text);
  }, koffi.pointer(logCallback));
  llama.setLog(callback, 0n);
  return { lastComplaint: () => last };
}

const logCallback = koffi.proto('void llama_log_callback(int32_t level, const char *text, void *data)');
