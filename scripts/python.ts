import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Has a virtual environment with our client and what its tests need; makes it again when `pyproject.toml` changes.
 * Returns its Python. Throws with the one command to run when the machine lacks something that we may not install.
 */
export function preparePython(checkout: string): string {
  const directory = join(checkout, '.cache/python');
  const python = join(directory, 'bin/python');
  const project = join(checkout, 'sdk/python');
  const stamp = join(directory, 'installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(project, 'pyproject.toml')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && succeeds([python, '--version']))
    return python;

  console.log('Installing what the Python tests need …');
  rmSync(directory, { recursive: true, force: true });
  if (!succeeds(['python3', '-m', 'venv', directory])) {
    installDebianPackages(['python3', 'python3-venv']);
    rmSync(directory, { recursive: true, force: true });
    run(['python3', '-m', 'venv', directory]);
  }
  run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-e', `${project}[test]`]);
  writeFileSync(stamp, wanted);
  return python;
}

function installDebianPackages(packages: string[]): void {
  const command = `apt-get update && apt-get install -y ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`Python 3 with venv is missing. On Debian and Ubuntu run: sudo sh -c '${command}'`);
  }
  run(['apt-get', 'update', '-qq']);
  run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

function succeeds([program = '', ...args]: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function run([program = '', ...args]: string[]): void {
  const { status } = spawnSync(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) throw new Error(`This failed: ${[program, ...args].join(' ')}`);
}
