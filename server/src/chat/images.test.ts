import { parseChatRequest } from '@weai/protocol/parse-chat-request';
import { describe, expect, test } from 'vitest';
import { checkImages, imageSize } from './images.ts';

const big = (...numbers: number[]) => Buffer.from(numbers);

function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(33);
  head.write('\u0089PNG\r\n\u001A\n', 0, 'latin1');
  head.write('IHDR', 12, 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

function riff(kind: string, rest: Buffer): Buffer {
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), Buffer.from(kind), Buffer.alloc(4), rest]);
}

describe('imageSize', () => {
  test.each<[string, Buffer, { width: number; height: number } | null]>([
    ['a PNG', png(640, 480), { width: 640, height: 480 }],
    ['a GIF', Buffer.from('GIF89a\u0080\u0002\u00E0\u0001', 'latin1'), { width: 640, height: 480 }],
    [
      'a JPEG whose frame stands behind metadata',
      Buffer.concat([
        big(0xff, 0xd8, 0xff, 0xe1, 0, 4, 1, 2),
        big(0xff, 0xff, 0xc4, 0, 3, 9),
        big(0xff, 0xc2, 0, 17, 8, 1, 0xe0, 2, 0x80, 3),
      ]),
      { width: 640, height: 480 },
    ],
    [
      'a lossy WebP',
      riff('VP8 ', big(0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 2, 0xe0, 1)),
      { width: 640, height: 480 },
    ],
    ['a lossless WebP', riff('VP8L', big(0x2f, 0x7f, 0xc2, 0x77, 0)), { width: 640, height: 480 }],
    ['an extended WebP', riff('VP8X', big(0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0)), { width: 640, height: 480 }],
    ['a JPEG that is cut', big(0xff, 0xd8, 0xff, 0xe1, 0x40, 0), null],
    ['a PNG that is cut', png(640, 480).subarray(0, 18), null],
    ['text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), null],
    ['nothing', Buffer.alloc(0), null],
  ])('of %s', (_name, bytes, size) => {
    expect(imageSize(bytes)).toEqual(size);
  });
});

describe('checkImages', () => {
  const data = (bytes: Buffer, type = 'png') => `data:image/${type};base64,${bytes.toString('base64')}`;
  const requestOf = (...urls: string[]) =>
    parseChatRequest({
      model: 'm',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
          ],
        },
      ],
    });

  test('passes what can be decoded', () => {
    expect(() => checkImages(requestOf(data(png(4000, 3000)), data(png(1, 1), 'jpeg')))).not.toThrow();
  });

  test.each<[string, string]>([
    ['an image bomb', data(png(50_000, 50_000))],
    ['a side of four billion', data(png(2 ** 32 - 1, 1))],
    ['an image without pixels', data(png(0, 100))],
    ['something else', data(Buffer.from('#!/bin/sh'))],
    ['another type', 'data:text/html;base64,AAAA'],
    ['an SVG', `data:image/svg+xml;base64,${Buffer.from('<svg/>').toString('base64')}`],
    ['no base64', 'data:image/png;base64,<script>'],
    ['an empty image', 'data:image/png;base64,'],
    // Addresses that would be fetched from inside the operator's network.
    ['a private address', 'http://10.0.0.1/a.png'],
    ['metadata of a cloud', 'http://169.254.169.254/latest/meta-data'],
    ['a public address', 'https://example.com/a.png'],
    ['every interface', 'http://0.0.0.0:8080/'],
    ['IPv6', 'http://[::]/'],
    ['a decimal address', 'http://2130706433/'],
    ['a mapped address', 'http://[::ffff:127.0.0.1]/'],
    ['a file', 'file:///etc/passwd'],
    ['no address', 'x'],
  ])('refuses %s, and names the part', (_name, url) => {
    expect(() => checkImages(requestOf(url))).toThrow(
      expect.objectContaining({ status: 400, param: 'messages.0.content.1.image_url.url' }),
    );
  });

  test('refuses the image that is one too many', () => {
    const urls = Array.from({ length: 65 }, () => data(png(1, 1)));
    expect(() => checkImages(requestOf(...urls.slice(1)))).not.toThrow();
    expect(() => checkImages(requestOf(...urls))).toThrow(
      expect.objectContaining({ param: 'messages.0.content.65' }),
    );
  });
});
