import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Has the virtual environment of the Python suites, and Debian's packages for it where they are missing.
 * Returns its Python. Throws with the one command to run when the machine lacks something that we may not install.
 */
export function preparePython(checkout: string): string {
  // Debian keeps `ensurepip` apart; without it `venv` fails half-way.
  if (run(['python3', '-c', 'import venv, ensurepip']) === null) installDebianPackages();
  const python = run(['sh', join(checkout, 'conformance/python/environment.sh')])?.trim();
  if (python === undefined || python === '')
    throw new Error('The Python environment could not be made: see above.');
  return python;
}

function installDebianPackages(): void {
  const packages = ['python3', 'python3-venv'];
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    const command = `apt-get update && apt-get install -y ${packages.join(' ')}`;
    throw new Error(`Python 3 with venv is missing. On Debian and Ubuntu run: sudo sh -c '${command}'`);
  }
  run(['apt-get', 'update', '-qq']);
  if (run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]) === null) {
    throw new Error(`apt-get could not install ${packages.join(' ')}: see above.`);
  }
}

/** Output of a program; null when it fails. */
function run([program = '', ...args]: string[]): string | null {
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0 ? stdout : null;
}
