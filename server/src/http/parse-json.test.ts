import { ApiError } from '@weai/protocol/errors';
import { describe, expect, test } from 'vitest';
import { parseJson } from './parse-json.ts';

function refusal(body: string | Buffer): ApiError {
  try {
    parseJson(Buffer.from(body));
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

describe('parseJson', () => {
  test.each([
    ['{"a":[1,2.5,-0,true,null,"x"],"b":{"a":1},"c":{"a":2}}'],
    ['  [ ]  '],
    ['"text"'],
    ['{"quote":"\\"","slash":"\\\\","both":"\\\\\\"","braces":"{[,:"}'],
    ['{"emoji":"\\ud83d\\ude00","plain":"😀","escaped backslash":"\\\\ud800"}'],
    ['{"constructor":1,"prototype":2,"x":{"constructor":{"name":1}}}'],
    ['['.repeat(64) + ']'.repeat(64)],
  ])('reads %s as JSON.parse does', (text) => {
    expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
  });

  test('leaves a byte-order mark in front out, and no other', () => {
    expect(parseJson(Buffer.from('\uFEFF{"a":"\uFEFF"}'))).toEqual({ a: '\uFEFF' });
    expect(refusal('\uFEFF\uFEFF{}').message).toMatch(/not valid JSON/);
  });

  test.each([
    ['an empty body', '', null, /no body/],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), null, /UTF-8/],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), null, /UTF-8/],
    ['text that is not JSON', '{"a": tru}', null, /not valid JSON/],
    ['a missing comma', '{"a": 1 "b": 2}', null, /not valid JSON \(at character 8\)/],
    ['a body cut short', '{"a": "b', null, /not valid JSON/],
    ['a backslash at the end', '{"a\\', null, /not valid JSON/],
    ['NaN', '{"temperature": NaN}', null, /not valid JSON/],
    ['a plain NUL', '{"a":"\0"}', null, /not valid JSON/],
    ['an escaped NUL', '{"messages":[{},{"content":"a\\u0000b"}]}', 'messages.1.content', /NUL/],
    ['a NUL in a key', '{"metadata":{"a\\u0000":1}}', 'metadata', /NUL/],
    ['a lone high surrogate', '{"user":"\\ud83d"}', 'user', /surrogate/],
    ['a lone low surrogate', '{"user":"a\\uDE00"}', 'user', /surrogate/],
    ['a key twice', '{"a":1,"b":{},"a":2}', 'a', /"a" appears twice/],
    ['a key twice, once escaped', '{"x":[0,{"a":1,"\\u0061":2}]}', 'x.1.a', /"a" appears twice/],
    [
      'a key twice among many',
      `{${Array.from({ length: 40 }, (_, i) => `"k${i % 39}":0`).join(',')}}`,
      'k0',
      /"k0" appears twice/,
    ],
    ['__proto__', '{"metadata":{"__proto__":{}}}', 'metadata.__proto__', /__proto__/],
    ['__proto__, escaped', '{"\\u005f_proto__":{}}', '__proto__', /__proto__/],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}', 'constructor.prototype', /prototype/],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, '0.0.0.0', /deeper than 64/],
    ['30 MB of arrays', `[${'[],'.repeat(10_000_000)}1]`, null, /more than 500000 values/],
    ['30 MB of objects', `[${'{},'.repeat(10_000_000)}1]`, null, /more than 500000 values/],
    [
      'an object of 10,001 keys',
      `{"a":{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":0`).join(',')}}}`,
      'a',
      /more than 10000 keys/,
    ],
    ['30 MB of numbers', `[${'1,'.repeat(15_000_000)}1]`, null, /more than 500000 values/],
    ['10,000 levels of objects', '{"a":'.repeat(10_000), 'a.a.a.a', /deeper than 64/],
  ])('refuses %s', (_name, body, param, message) => {
    const error = refusal(body);
    expect(error.message).toMatch(message);
    expect(error.body().error).toMatchObject({ type: 'invalid_request_error', param, code: 'invalid_json' });
    expect(error.status).toBe(400);
  });

  test('never repeats much of the body in its message', () => {
    const key = 'k'.repeat(10_000);
    expect(refusal(`{"${key}":1,"${key}":2}`).message.length).toBeLessThan(200);
  });
});
