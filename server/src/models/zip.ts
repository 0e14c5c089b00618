import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { DownloadError, VerificationError } from './download-errors.ts';

/** Where a member of an archive is: what its central directory record says (APPNOTE.TXT, 4.3.12). */
interface ZipMember {
  /** 0 stored, 8 deflated. */
  method: number;
  compressedBytes: number;
  sizeBytes: number;
  localHeaderOffset: number;
}

const endRecord = { signature: 0x06054b50, bytes: 22 };
const zip64Locator = { signature: 0x07064b50, bytes: 20 };
const zip64EndRecord = { signature: 0x06064b50, bytes: 56 };
const centralRecord = { signature: 0x02014b50, bytes: 46 };
const localHeader = { signature: 0x04034b50, bytes: 30 };
const maximumDirectoryBytes = 16 * 1024 * 1024;

/** Finds one member by its exact name. Zip64 is understood. Throws DownloadError for what isn't such an archive. */
async function findZipMember(archive: string, name: string): Promise<ZipMember> {
  const file = await open(archive, 'r');
  try {
    const { offset, bytes } = await directoryPlace(file);
    if (bytes > maximumDirectoryBytes) throw notAnArchive('its directory is too long');
    const directory = await read(file, offset, bytes);
    for (let at = 0; at + centralRecord.bytes <= directory.length;) {
      if (directory.readUInt32LE(at) !== centralRecord.signature)
        throw notAnArchive('its directory is damaged');
      const nameBytes = directory.readUInt16LE(at + 28);
      const extraBytes = directory.readUInt16LE(at + 30);
      const nameEnd = at + centralRecord.bytes + nameBytes;
      if (directory.toString('utf8', at + centralRecord.bytes, nameEnd) === name) {
        return memberOf(directory, at, directory.subarray(nameEnd, nameEnd + extraBytes));
      }
      at = nameEnd + extraBytes + directory.readUInt16LE(at + 32);
    }
  } finally {
    await file.close();
  }
  throw new DownloadError(`The package has no file ${name}.`);
}

/**
 * Writes one member to `destination`, which the caller has named: names inside the archive never become paths.
 * Never writes more than `expected.sizeBytes`. Throws VerificationError when size or SHA-256 differ.
 */
export async function extractZipMember(
  archive: string,
  name: string,
  destination: string,
  expected: { sizeBytes: number; sha256: string; signal?: AbortSignal | undefined },
): Promise<void> {
  const member = await findZipMember(archive, name);
  if (member.sizeBytes !== expected.sizeBytes) {
    throw new VerificationError(
      `${name} in the package has ${member.sizeBytes} bytes instead of ${expected.sizeBytes}.`,
    );
  }
  const start = await dataOffset(archive, member);
  const source = createReadStream(archive, {
    start,
    end: start + member.compressedBytes - 1,
    highWaterMark: 256 * 1024,
  });
  const hash = createHash('sha256');
  let bytes = 0;
  const verify = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > expected.sizeBytes) return done(new VerificationError(`${name} is longer than it claims.`));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const target = createWriteStream(destination, { flush: true });
  const stages: (NodeJS.ReadWriteStream | Readable)[] =
    member.method === 8 ? [source, createInflateRaw({ chunkSize: 256 * 1024 }), verify] : [source, verify];
  await pipeline([...stages, target], expected.signal === undefined ? {} : { signal: expected.signal });
  const sha256 = hash.digest('hex');
  if (bytes !== expected.sizeBytes || sha256 !== expected.sha256) {
    throw new VerificationError(
      `${name} in the package has SHA-256 ${sha256} instead of ${expected.sha256}.`,
    );
  }
}

async function directoryPlace(file: FileHandle): Promise<{ offset: number; bytes: number }> {
  const { size } = await file.stat();
  // The end record is followed by a comment of at most 65,535 bytes.
  const tailBytes = Math.min(size, endRecord.bytes + 65_535);
  const tailOffset = size - tailBytes;
  const tail = await read(file, tailOffset, tailBytes);
  for (let at = tail.length - endRecord.bytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== endRecord.signature) continue;
    const bytes = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    if (bytes !== 0xffffffff && offset !== 0xffffffff) return { offset, bytes };
    const locator = await read(file, tailOffset + at - zip64Locator.bytes, zip64Locator.bytes);
    if (locator.readUInt32LE(0) !== zip64Locator.signature)
      throw notAnArchive('its Zip64 locator is missing');
    const end = await read(file, number(locator.readBigUInt64LE(8)), zip64EndRecord.bytes);
    if (end.readUInt32LE(0) !== zip64EndRecord.signature) throw notAnArchive('its Zip64 record is missing');
    return { bytes: number(end.readBigUInt64LE(40)), offset: number(end.readBigUInt64LE(48)) };
  }
  throw notAnArchive('its end is missing');
}

function memberOf(directory: Buffer, at: number, extra: Buffer): ZipMember {
  const method = directory.readUInt16LE(at + 10);
  if ((directory.readUInt16LE(at + 8) & 1) === 1) throw notAnArchive('the file in it is encrypted');
  if (method !== 0 && method !== 8) throw notAnArchive(`compression method ${method} is not supported`);
  // A field of 0xffffffff stands in the Zip64 extra field instead, in this order (APPNOTE.TXT, 4.5.3).
  const wide = zip64Values(extra);
  const value = (field: number): number => (field === 0xffffffff ? number(wide.shift() ?? -1n) : field);
  const sizeBytes = value(directory.readUInt32LE(at + 24));
  const compressedBytes = value(directory.readUInt32LE(at + 20));
  const localHeaderOffset = value(directory.readUInt32LE(at + 42));
  return { method, compressedBytes, sizeBytes, localHeaderOffset };
}

function zip64Values(extra: Buffer): bigint[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 0x0001) {
      const field = extra.subarray(at + 4, at + 4 + bytes);
      return Array.from({ length: Math.floor(field.length / 8) }, (_, index) =>
        field.readBigUInt64LE(index * 8),
      );
    }
    at += 4 + bytes;
  }
  return [];
}

async function dataOffset(archive: string, member: ZipMember): Promise<number> {
  const file = await open(archive, 'r');
  try {
    const header = await read(file, member.localHeaderOffset, localHeader.bytes);
    if (header.readUInt32LE(0) !== localHeader.signature) throw notAnArchive('a local header is missing');
    return member.localHeaderOffset + localHeader.bytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0) throw notAnArchive('it is too short');
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw notAnArchive('it is too short');
  return buffer;
}

function number(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw notAnArchive('a length in it is impossible');
  return Number(value);
}

function notAnArchive(why: string): DownloadError {
  return new DownloadError(`The package is not an archive that can be read: ${why}.`);
}
