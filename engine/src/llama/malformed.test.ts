import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { EngineProcess } from '../engine-process.testing.ts';
import { encodeGguf, type GgufValue } from './gguf.testing.ts';
import { asciiVocabulary, tinyLlama } from './tiny-llama.testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'weai-malformed-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A supervisor waits for no engine for ever: each of these must have ended by then. */
const boundMs = 15_000;

const template = '{% for message in messages %}{{ message.content }}{% endfor %}';
const sound = tinyLlama(asciiVocabulary(), template);
const bytes = encodeGguf(sound);

/** Offsets of the header's fields: four bytes of magic, version, tensors, metadata entries, then the first key. */
const field = { version: 4, tensorCount: 8, entryCount: 16, firstKeyLength: 24 };

function with32(offset: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32LE(value, offset);
  return changed;
}

function with64(offset: number, value: bigint): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeBigUInt64LE(value, offset);
  return changed;
}

/** Where the value of a metadata entry begins, behind its type. */
function valueOffset(key: string): number {
  return bytes.indexOf(key) + key.length + 4;
}

const tensorsAt = bytes.indexOf('token_embd.weight') - 8;

/** Where a tensor's description goes on behind its name: number of dimensions, dimensions, type, offset. */
function tensorOffset(name: string): number {
  return bytes.indexOf(name, tensorsAt) + name.length;
}

function withMetadata(changes: Record<string, GgufValue>): Buffer {
  return encodeGguf({ ...sound, metadata: { ...sound.metadata, ...changes } });
}

function uint32(value: number): GgufValue {
  return { type: 'uint32', value };
}

/** The same bytes each time, that look like none in particular. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = Math.imul(state, 1_103_515_245) + 12_345;
      return state >>> 16;
    }),
  );
}

function startOn(path: string): EngineProcess {
  const engine = new EngineProcess(path, mkdtempSync(join(folder, 'engine-')), ['--memory-bytes', '1048576']);
  onTestFinished(async () => {
    await engine.kill();
  });
  return engine;
}

function write(name: string, content: Buffer): string {
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.gguf`);
  writeFileSync(path, content);
  return path;
}

const text = (value: string): GgufValue => ({ type: 'string', value });

describe('the engine process', () => {
  test('serves the weights that these tests spoil', async () => {
    const engine = startOn(write('sound', bytes));
    await engine.ready(boundMs);
    expect(await engine.json('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await engine.kill('SIGTERM')).toMatchObject({ code: 0 });
  });

  test.each<[string, Buffer | { path: string }, RegExp]>([
    ['a missing file', { path: join(folder, 'missing.gguf') }, /No such file/],
    ['a directory', { path: folder }, /cannot load/],
    ['an empty file', Buffer.alloc(0), /magic/],
    ['a web page', Buffer.from('<!doctype html>'.repeat(100)), /invalid magic characters: '<!do'/],
    ['a version to come', with32(field.version, 1_000), /version 1000/],
    ['a header cut in its metadata', bytes.subarray(0, 300), /remaining file size/],
    ['cut data', bytes.subarray(0, bytes.length - 1_000), /not within the file bounds/],
    ['2^60 tensors', with64(field.tensorCount, 2n ** 60n), /number of tensors/],
    ['2^60 metadata entries', with64(field.entryCount, 2n ** 60n), /number of key/],
    ['a key of 2^64 - 1 bytes', with64(field.firstKeyLength, 2n ** 64n - 1n), /length/],
    ['a text of 2^40 bytes', with64(valueOffset('general.name'), 2n ** 40n), /length/],
    ['an array of 2^60 texts', with64(valueOffset('tokenizer.ggml.tokens') + 4, 2n ** 60n), /array/],
    ['noise after the header', Buffer.concat([bytes.subarray(0, 24), noise(10_000)]), /length/],
    ['noise for tensors', Buffer.concat([bytes.subarray(0, tensorsAt), noise(40_000)]), /tensor/],
    ['a tensor of 2^31 dimensions', with32(tensorOffset('blk.0.attn_q.weight'), 2 ** 31), /dimensions/],
    ['a tensor of 2^62 rows', with64(tensorOffset('blk.0.attn_q.weight') + 12, 2n ** 62n), /tensor/],
    ['a tensor beyond the file', with64(tensorOffset('blk.0.attn_q.weight') + 24, 2n ** 50n), /offset/],
    ['a missing tensor', encodeGguf({ ...sound, tensors: sound.tensors.slice(0, -1) }), /not found/],
    ['an unknown architecture', withMetadata({ 'general.architecture': text('other') }), /'other'/],
    ['no context', withMetadata({ 'llama.context_length': uint32(0) }), /context of 0 tokens/],
    ['endless context', withMetadata({ 'llama.context_length': uint32(2 ** 32 - 1) }), /4294967295 tokens/],
    ['no template', withMetadata({ 'tokenizer.chat_template': text('{% if %}') }), /is no Jinja template/],
  ])('refuses %s in one line that says why', async (name, content, reason) => {
    const path = Buffer.isBuffer(content) ? write(name, content) : content.path;
    expect(await startOn(path).endsWithin(boundMs)).toEqual({
      code: 1,
      signal: null,
      log: [expect.objectContaining({ level: 'error', msg: expect.stringMatching(reason) })],
      stderr: expect.stringMatching(reason),
    });
  });

  test('dies alone of what llama.cpp asserts: 2^31 layers', async () => {
    const path = write('layers', withMetadata({ 'llama.block_count': uint32(2 ** 31) }));
    expect(await startOn(path).endsWithin(boundMs)).toEqual({
      code: null,
      signal: 'SIGABRT',
      log: [],
      stderr: expect.stringContaining('GGML_ASSERT'),
    });
  });

  test('answers when special tokens are outside the vocabulary: llama.cpp takes defaults', async () => {
    const outside = {
      'tokenizer.ggml.bos_token_id': uint32(1_000_000),
      'tokenizer.ggml.eos_token_id': uint32(2 ** 31),
    };
    const engine = startOn(write('outside', withMetadata(outside)));
    await engine.ready(boundMs);
    const messages = [{ role: 'user', content: 'Hi' }];
    expect(
      await engine.json('POST', '/v1/chat/completions', { model: 'outside', messages, max_tokens: 3 }),
    ).toMatchObject({ status: 200, body: { usage: { prompt_tokens: 3 } } });
  });
});
