import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Python that has both clients and pytest installed; makes its environment on first use. */
export async function pythonExecutable(): Promise<string> {
  const { stdout } = await run('sh', [path.join(import.meta.dirname, 'environment.sh')]);
  return stdout.trim();
}
