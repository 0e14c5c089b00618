import type { ChatRequest } from '@weai/protocol/chat-request';
import { ApiError } from '@weai/protocol/errors';

const mostImages = 64;
/** What a large camera makes; a file of some kilobytes can claim to be a thousand times that. */
const mostPixels = 100_000_000;
/** The size stands behind metadata and colour profiles, which are shorter than this. */
const headBytes = 1024 * 1024;

/**
 * Looks at images before an engine decodes them: they must be in the request, since an address would be fetched from inside the
 * operator's network, and of a size that can be decoded.
 * @throws ApiError with the path of the part.
 */
export function checkImages(request: ChatRequest): void {
  let count = 0;
  for (const [at, { content }] of request.messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [index, part] of content.entries()) {
      if (part.type !== 'image_url') continue;
      const path = `messages.${at}.content.${index}`;
      count += 1;
      if (count > mostImages) throw invalid(path, `a request can have ${mostImages} images at most`);
      checkImage(part.image_url.url, `${path}.image_url.url`);
    }
  }
}

function checkImage(url: string, path: string): void {
  if (!/^data:/i.test(url)) {
    throw new ApiError(
      'unsupported_value',
      `Unsupported value: '${path}' is an address, and images are not fetched. Send the image itself, as in data:image/png;base64,….`,
      { param: path },
    );
  }
  const start = /^data:image\/(png|jpeg|jpg|gif|webp);base64,/i.exec(url)?.[0].length;
  if (start === undefined) throw invalid(path, 'expected data:image/png;base64,… or jpeg, gif or webp');
  const base64 = url.slice(start);
  if (base64.length % 4 === 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw invalid(path, 'it is not base64');
  const size = imageSize(Buffer.from(base64.slice(0, Math.ceil(headBytes / 3) * 4), 'base64'));
  if (size === null) throw invalid(path, 'it is not a PNG, JPEG, GIF or WebP image');
  if (size.width * size.height > mostPixels || size.width * size.height === 0) {
    throw invalid(
      path,
      `an image can have ${mostPixels / 1e6} million pixels at most, but it has ${size.width} × ${size.height}`,
    );
  }
}

interface Size {
  width: number;
  height: number;
}

/** The size that an image's head tells; null for what is no image of a known kind, or cut before it tells. */
export function imageSize(bytes: Buffer): Size | null {
  try {
    return pngSize(bytes) ?? gifSize(bytes) ?? webpSize(bytes) ?? jpegSize(bytes);
  } catch (error) {
    // Reading past the end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function startsWith(bytes: Buffer, text: string, at = 0): boolean {
  return bytes.toString('latin1', at, at + text.length) === text;
}

/** RFC 2083, 11.2.1. */
function pngSize(bytes: Buffer): Size | null {
  if (!startsWith(bytes, '\u0089PNG\r\n\u001A\n') || !startsWith(bytes, 'IHDR', 12)) return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** GIF89a specification, 18. */
function gifSize(bytes: Buffer): Size | null {
  if (!startsWith(bytes, 'GIF87a') && !startsWith(bytes, 'GIF89a')) return null;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** RFC 9649, 2.5 to 2.7: lossy, lossless and extended files. */
function webpSize(bytes: Buffer): Size | null {
  if (!startsWith(bytes, 'RIFF') || !startsWith(bytes, 'WEBP', 8)) return null;
  if (startsWith(bytes, 'VP8X', 12))
    return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  if (startsWith(bytes, 'VP8L', 12)) {
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (!startsWith(bytes, 'VP8 ', 12)) return null;
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
}

/** ITU-T T.81, B.1 and B.2.2: segments up to the frame header. */
function jpegSize(bytes: Buffer): Size | null {
  if (!startsWith(bytes, '\u00FF\u00D8\u00FF')) return null;
  for (let at = 2; bytes.readUInt8(at) === 0xff;) {
    const marker = bytes.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    // Fill bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function invalid(path: string, why: string): ApiError {
  return new ApiError('invalid_value', `Invalid '${path}': ${why}.`, { param: path });
}
