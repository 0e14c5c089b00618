import { describe, expect, test } from 'vitest';
import { formatEvent, keepAliveComment, SseParser } from './sse.ts';

const stream = `${formatEvent('{"a":"żółw 🐢"}')}${keepAliveComment}data: one\ndata:two\r\n\r\nevent: x\rdata: three\r\rdata: [DONE]\n\n`;
const expected = ['{"a":"żółw 🐢"}', 'one\ntwo', 'three', '[DONE]'];

describe('SseParser', () => {
  test.each([1, 2, 3, 5, 7, 1000])('gives the same events when the bytes come %i at a time', (size) => {
    const bytes = new TextEncoder().encode(stream);
    const parser = new SseParser();
    const events: string[] = [];
    for (let at = 0; at < bytes.length; at += size)
      events.push(...parser.push(bytes.subarray(at, at + size)));
    expect(events).toEqual(expected);
  });

  test('refuses a line without an end', () => {
    const parser = new SseParser(100);
    expect(() => parser.push(new TextEncoder().encode('x'.repeat(101)))).toThrow(RangeError);
  });
});
