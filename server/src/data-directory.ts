import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, stat, statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The data directory can't be used; the message is a sentence for the operator. */
export class DataDirectoryError extends Error {
  override name = 'DataDirectoryError';
}

/** Below this, a start would only fail later and less clearly. */
const leastFreeBytes = 64 * 1024 * 1024;

/** Creates the directory where needed. Throws `DataDirectoryError` when it can't be written or the disk is full. */
export async function prepareDataDirectory(dataDir: string): Promise<void> {
  try {
    await makeDirectory(dataDir);
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataDirectoryError(`The data directory ${dataDir} cannot be written (${reasonOf(error)}).`, {
      cause: error,
    });
  }
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < leastFreeBytes) {
    throw new DataDirectoryError(`The disk of ${dataDir} is full: free at least 64 MB, then start again.`);
  }
}

/** Not `mkdir` with `recursive`: where the kernel says ENOENT below a directory that exists (/proc), it never ends. */
async function makeDirectory(path: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) return;
  if (dirname(path) !== path) await makeDirectory(dirname(path));
  await mkdir(path, { mode: 0o711 });
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOENT: 'no directory can be made there',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EEXIST: 'it is a file',
    ENOTDIR: 'a part of its path is a file',
  };
  return reasons[String(code)] ?? String(code ?? error);
}

/** The longest path that a Unix socket can have (`sun_path` in Linux's unix(7), less its final NUL). */
const longestSocketPath = 107;

/**
 * A directory for Unix sockets: `<dataDir>/<name>`, or a short one under the system's temporary directory when a
 * socket's path in there would be too long. Only its owner can enter it.
 */
export async function socketDirectory(dataDir: string, name: string, uid?: number): Promise<string> {
  const room = longestSocketPath - 40;
  const inside = join(dataDir, name);
  const digest = createHash('sha256').update(inside).digest('hex').slice(0, 16);
  const path = Buffer.byteLength(inside) <= room ? inside : join(tmpdir(), `weai-${digest}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const status = await lstat(path);
  const expected = [process.getuid?.(), uid];
  if (!status.isDirectory() || (process.getuid !== undefined && !expected.includes(status.uid))) {
    throw new DataDirectoryError(`${path} belongs to somebody else: remove it, then start again.`);
  }
  await chmod(path, 0o700);
  return path;
}

/** Held until `release` or until the process ends, however it ends. */
export interface Lock {
  /** What another process is told that wants the lock. */
  describe(text: string): void;
  release(): Promise<void>;
}

/**
 * Takes the lock of that name on a directory; null when another process has it. The kernel frees it with the
 * process, so that none is ever left over: on Linux it is a socket in the abstract namespace (unix(7)).
 */
export async function acquireLock(directory: string, name: string): Promise<Lock | null> {
  let description = `process ${process.pid}`;
  const address = await lockAddress(directory, name);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(description);
  });
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(true) : reject(error),
    );
    server.listen(address, () => resolve(false));
  });
  if (taken) return null;
  server.unref();
  return {
    describe: (text) => {
      description = text;
    },
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** What the holder of a lock says of itself; null when nobody holds it. */
export async function lockHolder(directory: string, name: string): Promise<string | null> {
  const address = await lockAddress(directory, name);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(address);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(text === '' ? 'another process' : text));
  });
}

async function lockAddress(directory: string, name: string): Promise<string> {
  const { dev, ino } = await stat(directory, { bigint: true });
  return `\0weai-${name}-${dev}-${ino}`;
}
