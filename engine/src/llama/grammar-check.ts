import type { SamplingOptions } from '../scheduler/request.ts';
import type { Llama } from './library.ts';
import { newGrammar } from './sampler.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Tries a grammar before a request is accepted, so that a bad one is the client's clean 400. @returns what is wrong, or null. */
export function grammarComplaint(
  llama: Llama,
  vocabulary: Vocabulary,
  grammar: NonNullable<SamplingOptions['grammar']>,
): string | null {
  try {
    llama.samplerFree(newGrammar(llama, vocabulary, grammar));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
