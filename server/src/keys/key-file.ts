import { chmod, rename, writeFile } from 'node:fs/promises';

/** Writes a key where only its owner may read it; a kill leaves the whole file or the one before. */
export async function writeKeyFile(file: string, key: string): Promise<void> {
  await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}
