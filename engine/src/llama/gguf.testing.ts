/**
 * Writes GGUF files for tests, version 3 (llama.cpp's `ggml/include/gguf.h`): header, metadata, tensor descriptions, padding, data.
 * Everything is little-endian.
 */

/** A metadata value with its type; an array has the type of its items. */
export type GgufValue =
  | { type: 'uint32' | 'int32' | 'float32'; value: number }
  | { type: 'uint64'; value: bigint }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'int32[]' | 'float32[]'; value: readonly number[] }
  | { type: 'string[]'; value: readonly string[] };

/** A tensor; `shape` begins with the dimension whose neighbours lie side by side. */
export interface GgufTensor {
  name: string;
  shape: readonly number[];
  data: Float32Array | Float16Array;
}

export interface Gguf {
  metadata: Record<string, GgufValue>;
  tensors: readonly GgufTensor[];
}

const ggufVersion = 3;
const ggufAlignment = 32;

const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9, uint64: 10 } as const;
const tensorTypes = { float32: 0, float16: 1 } as const;

/** The file's bytes. */
export function encodeGguf({ metadata, tensors }: Gguf): Buffer {
  const entries = Object.entries(metadata);
  const parts = [Buffer.from('GGUF'), uint32(ggufVersion), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), metadataValue(value));
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    const type = data instanceof Float32Array ? tensorTypes.float32 : tensorTypes.float16;
    parts.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(type), uint64(offset));
    offset += alignedLength(data.byteLength);
  }
  return Buffer.concat([padded(Buffer.concat(parts)), ...tensors.map(({ data }) => padded(bytesOf(data)))]);
}

function metadataValue(item: GgufValue): Buffer {
  switch (item.type) {
    case 'string':
      return Buffer.concat([uint32(valueTypes.string), text(item.value)]);
    case 'bool':
      return Buffer.concat([uint32(valueTypes.bool), Buffer.from([item.value ? 1 : 0])]);
    case 'uint64':
      return Buffer.concat([uint32(valueTypes.uint64), uint64(item.value)]);
    case 'uint32':
      return Buffer.concat([uint32(valueTypes.uint32), uint32(item.value)]);
    case 'int32':
      return Buffer.concat([uint32(valueTypes.int32), bytesOf(Int32Array.of(item.value))]);
    case 'float32':
      return Buffer.concat([uint32(valueTypes.float32), bytesOf(Float32Array.of(item.value))]);
    case 'string[]':
      return Buffer.concat([arrayHead(valueTypes.string, item.value.length), ...item.value.map(text)]);
    case 'int32[]':
      return Buffer.concat([
        arrayHead(valueTypes.int32, item.value.length),
        bytesOf(Int32Array.from(item.value)),
      ]);
    case 'float32[]':
      return Buffer.concat([
        arrayHead(valueTypes.float32, item.value.length),
        bytesOf(Float32Array.from(item.value)),
      ]);
  }
}

function arrayHead(itemType: number, length: number): Buffer {
  return Buffer.concat([uint32(valueTypes.array), uint32(itemType), uint64(length)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], alignedLength(bytes.length));
}

function alignedLength(length: number): number {
  return Math.ceil(length / ggufAlignment) * ggufAlignment;
}
