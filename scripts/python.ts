import { join } from 'node:path';
import { installDebianPackages, output } from './debian.ts';

/**
 * Has the virtual environment of the Python suites, and Debian's packages for it where they are missing.
 * Returns its Python. Throws with the one command to run when the machine lacks something that we may not install.
 */
export function preparePython(checkout: string): string {
  // Debian keeps `ensurepip` apart; without it `venv` fails half-way.
  if (output(['python3', '-c', 'import venv, ensurepip']) === null) {
    installDebianPackages('Python 3 with venv', ['python3', 'python3-venv']);
  }
  const python = output(['sh', join(checkout, 'conformance/python/environment.sh')])?.trim();
  if (python === undefined || python === '')
    throw new Error('The Python environment could not be made: see above.');
  return python;
}
