import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DiskFullError, systemErrorCode, VerificationError } from './download-errors.ts';

/** What the server said about the file when the part was begun; decides whether the part may be continued. */
export interface Validators {
  /** Strong entity tag, quotes included; weak ones can't be used for ranges (RFC 9110, 13.1.5). */
  etag: string | null;
  lastModified: string | null;
  totalBytes: number | null;
}

const validatorsSchema = z.object({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  totalBytes: z.number().int().nonnegative().nullable(),
});

export interface PartFileSystem {
  /** Bytes that this process may still write in the directory. */
  freeBytes(directory: string): Promise<number>;
  open(
    path: string,
    flags: string,
  ): Promise<Pick<FileHandle, 'write' | 'truncate' | 'sync' | 'close' | 'stat'>>;
}

const nodeFileSystem: PartFileSystem = {
  async freeBytes(directory) {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  },
  open: (path, flags) => open(path, flags),
};

type Handle = Awaited<ReturnType<PartFileSystem['open']>>;

/** Reserve left on the disk: a full disk would hurt the database beside the weights. */
const reserveBytes = 64 * 1024 * 1024;

/**
 * A file in the making: `<destination>.part`, with what the server said of it in `<destination>.part.json`.
 * It has the destination's name only once its size and SHA-256 are right and it is on the disk.
 */
export class PartFile {
  readonly destination: string;
  readonly #fileSystem: PartFileSystem;
  readonly #handle: Handle;
  #hash: Hash;
  #bytes: number;
  #validators: Validators | null;
  #losses = 0;

  private constructor(
    destination: string,
    fileSystem: PartFileSystem,
    handle: Handle,
    found: { hash: Hash; bytes: number; validators: Validators | null },
  ) {
    this.destination = destination;
    this.#fileSystem = fileSystem;
    this.#handle = handle;
    this.#hash = found.hash;
    this.#bytes = found.bytes;
    this.#validators = found.validators;
  }

  /** Opens or creates the part; what is there already is read once, for the hash. */
  static async open(destination: string, fileSystem: PartFileSystem = nodeFileSystem): Promise<PartFile> {
    const path = `${destination}.part`;
    const handle = await fileSystem.open(path, 'a');
    const validators = await readValidators(`${path}.json`);
    const hash = createHash('sha256');
    let bytes = 0;
    if (validators === null) {
      await handle.truncate(0);
    } else {
      for await (const chunk of readChunks(path)) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    }
    return new PartFile(destination, fileSystem, handle, { hash, bytes, validators });
  }

  get bytes(): number {
    return this.#bytes;
  }

  get validators(): Validators | null {
    return this.#validators;
  }

  /** How often bytes that had arrived were thrown away since the part was opened. */
  get losses(): number {
    return this.#losses;
  }

  /** Empties the part and remembers what the server says of the file that begins now. */
  async restart(validators: Validators): Promise<void> {
    if (this.#bytes > 0) this.#losses += 1;
    await this.#handle.truncate(0);
    this.#hash = createHash('sha256');
    this.#bytes = 0;
    this.#validators = validators;
    await writeFile(`${this.destination}.part.json`, `${JSON.stringify(validators)}\n`);
  }

  /** For a body without an announced length: what has arrived is all there is. */
  announceEnd(): void {
    if (this.#validators !== null) this.#validators = { ...this.#validators, totalBytes: this.#bytes };
  }

  /** Throws DiskFullError if the rest of a file of `totalBytes` does not fit on the disk. */
  async checkRoom(totalBytes: number): Promise<void> {
    const directory = dirname(this.destination);
    const neededBytes = totalBytes - this.#bytes;
    const freeBytes = await this.#fileSystem.freeBytes(directory);
    if (neededBytes + reserveBytes > freeBytes) {
      throw new DiskFullError(directory, neededBytes, freeBytes, reserveBytes);
    }
  }

  /** Throws DiskFullError when the disk fills up in spite of the check. */
  async append(chunk: Uint8Array, totalBytes: number | null): Promise<void> {
    let offset = 0;
    try {
      while (offset < chunk.length) {
        const { bytesWritten } = await this.#handle.write(chunk, offset, chunk.length - offset);
        this.#hash.update(chunk.subarray(offset, offset + bytesWritten));
        this.#bytes += bytesWritten;
        offset += bytesWritten;
      }
    } catch (error) {
      if (!['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? '')) throw error;
      const neededBytes = totalBytes === null ? chunk.length - offset : totalBytes - this.#bytes;
      const directory = dirname(this.destination);
      throw new DiskFullError(directory, neededBytes, await this.#fileSystem.freeBytes(directory));
    }
  }

  /** Verifies, syncs and renames. Throws VerificationError, and deletes the part, if these are not the right bytes. */
  async finish(expected: { sizeBytes: number | null; sha256: string | null }): Promise<void> {
    const sha256 = this.#hash.digest('hex');
    const { destination } = this;
    const { size } = await this.#handle.stat();
    const wrong =
      // Somebody else wrote to it, which the hash of what was written here doesn't see.
      size !== this.#bytes
        ? `it has ${size} bytes on the disk instead of ${this.#bytes}`
        : expected.sizeBytes !== null && expected.sizeBytes !== this.#bytes
          ? `it has ${this.#bytes} bytes instead of ${expected.sizeBytes}`
          : expected.sha256 !== null && expected.sha256 !== sha256
            ? `its SHA-256 is ${sha256} instead of ${expected.sha256}`
            : null;
    if (wrong !== null) {
      await this.#handle.close();
      await this.#deletePart();
      throw new VerificationError(`The file that arrived is not the right one: ${wrong}. It was deleted.`);
    }
    try {
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
    await rename(`${destination}.part`, destination);
    await syncDirectory(dirname(destination));
    await rm(`${destination}.part.json`, { force: true });
  }

  /** Leaves the part for a later call. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #deletePart(): Promise<void> {
    await rm(`${this.destination}.part`, { force: true });
    await rm(`${this.destination}.part.json`, { force: true });
  }
}

/** SHA-256 of a file, in lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readChunks(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function readValidators(path: string): Promise<Validators | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return validatorsSchema.parse(JSON.parse(text));
  } catch {
    // A crash can leave half a sidecar; then nothing is known of the part and it starts over.
    return null;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function readChunks(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: 1024 * 1024 });
}
