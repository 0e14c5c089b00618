import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  content: Buffer;
  /** Deflated unless stored. */
  stored?: boolean;
  /** Sizes and offset in the Zip64 extra field, as for members over 4 GiB. */
  zip64?: boolean;
  /** What the directory claims instead of the true size. */
  claimedBytes?: number;
  encrypted?: boolean;
}

/** A zip archive in memory (APPNOTE.TXT, 4.3). */
export function zipArchive(entries: readonly ZipEntry[], { zip64 = false, comment = '' } = {}): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const data = entry.stored === true ? entry.content : deflateRawSync(entry.content);
    const method = entry.stored === true ? 0 : 8;
    const sizeBytes = entry.claimedBytes ?? entry.content.length;
    const flags = entry.encrypted === true ? 1 : 0;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc32(entry.content), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(sizeBytes, 22);
    local.writeUInt16LE(name.length, 26);
    const wide = Buffer.alloc(28);
    wide.writeUInt16LE(0x0001, 0);
    wide.writeUInt16LE(24, 2);
    wide.writeBigUInt64LE(BigInt(sizeBytes), 4);
    wide.writeBigUInt64LE(BigInt(data.length), 12);
    wide.writeBigUInt64LE(BigInt(offset), 20);
    const extra = entry.zip64 === true ? wide : Buffer.alloc(0);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(entry.zip64 === true ? 0xffffffff : data.length, 20);
    record.writeUInt32LE(entry.zip64 === true ? 0xffffffff : sizeBytes, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt16LE(extra.length, 30);
    record.writeUInt32LE(entry.zip64 === true ? 0xffffffff : offset, 42);
    locals.push(local, name, data);
    records.push(record, name, extra);
    offset += local.length + name.length + data.length;
  }
  const directory = Buffer.concat(records);
  const wideEnd = Buffer.alloc(56);
  wideEnd.writeUInt32LE(0x06064b50, 0);
  wideEnd.writeBigUInt64LE(BigInt(directory.length), 40);
  wideEnd.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + directory.length), 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([
    ...locals,
    directory,
    ...(zip64 ? [wideEnd, locator] : []),
    end,
    Buffer.from(comment),
  ]);
}
