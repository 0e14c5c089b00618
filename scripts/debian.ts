import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

/**
 * Installs Debian packages, where we are root and it is Debian.
 * @param what what is missing, for the sentence that says the one command to run where we may not install.
 */
export function installDebianPackages(what: string, packages: string[]): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    const command = `apt-get update && apt-get install -y ${packages.join(' ')}`;
    throw new Error(`${what} is missing. On Debian and Ubuntu run: sudo sh -c '${command}'`);
  }
  output(['apt-get', 'update', '-qq']);
  if (output(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages]) === null) {
    throw new Error(`apt-get could not install ${packages.join(' ')}: see above.`);
  }
}

/** Has the Redis server that the tests of shared limits start for themselves. */
export function prepareRedis(): void {
  if (!hasRedis()) installDebianPackages('redis-server', ['redis-server']);
}

/** Has what the faults need: Redis, Debian's PostgreSQL, and a clock that can be moved. */
export function prepareFaults(): void {
  const packages = [
    ...(hasRedis() ? [] : ['redis-server']),
    ...(globSync('/usr/lib/postgresql/*/bin/postgres').length > 0 ? [] : ['postgresql']),
    ...(globSync('/usr/lib/*/faketime/libfaketime.so.1').length > 0 ? [] : ['libfaketime']),
  ];
  if (packages.length > 0) installDebianPackages(packages.join(' and '), packages);
}

function hasRedis(): boolean {
  return output(['redis-server', '--version']) !== null;
}

/** Has the browser that the console's tests drive. */
export function prepareChromium(): void {
  if (output(['chromium', '--version']) === null) installDebianPackages('chromium', ['chromium']);
}

/** Output of a program; null when it fails or is not there. */
export function output([program = '', ...args]: string[]): string | null {
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0 ? stdout : null;
}
