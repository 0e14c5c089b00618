import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** A user of the operating system. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The user to run PostgreSQL as, since it refuses to run as root: the owner of the existing cluster, else `nobody`.
 * Null when this process isn't root and PostgreSQL runs as the same user.
 */
export function postgresAccount(clusterOwner: Account | null): Account | null {
  if (process.getuid?.() !== 0) return null;
  if (clusterOwner !== null && clusterOwner.uid !== 0) return clusterOwner;
  const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return { uid: Number(nobody?.[1] ?? 65_534), gid: Number(nobody?.[2] ?? 65_534) };
}

/** Whether `account` may enter every directory above `path` and read `path` itself. */
export function canReach(account: Account, path: string): boolean {
  for (let current = path; ; current = dirname(current)) {
    const status = statSync(current);
    const shift = status.uid === account.uid ? 6 : status.gid === account.gid ? 3 : 0;
    const needed = current === path ? 0o5 : 0o1;
    if (((status.mode >> shift) & needed) !== needed) return false;
    if (current === dirname(current)) return true;
  }
}

/** A program and its arguments, with the options of `spawn` that it needs. */
export interface Command {
  file: string;
  args: string[];
  options: { uid?: number; gid?: number };
}

/**
 * How to run a program as `account` such that it can read `paths` and ends when this process is killed.
 * In a checkout that only root may enter, the program gets the one capability that lets it pass
 * (`CAP_DAC_OVERRIDE`; `no_setuid_fixup` makes access(2) honour it). Null when `setpriv` is needed and missing.
 */
export function commandAs(
  account: Account | null,
  paths: string[],
  file: string,
  args: string[],
): Command | null {
  const setpriv = findProgram('setpriv');
  const reachable = account === null || paths.every((path) => canReach(account, path));
  if (setpriv === null) {
    if (!reachable) return null;
    return { file, args, options: account ?? {} };
  }
  const identity =
    account === null ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  const passage = reachable
    ? []
    : ['--securebits=+no_setuid_fixup', '--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
  const confined =
    account === null ? [] : [reachable ? '--bounding-set=-all' : '--bounding-set=-all,+dac_override'];
  return {
    file: setpriv,
    args: [...identity, ...passage, ...confined, '--no-new-privs', '--pdeathsig=INT', file, ...args],
    options: {},
  };
}

function findProgram(name: string): string | null {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin'];
  for (const directory of directories) {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return join(directory, name);
    } catch {
      continue;
    }
  }
  return null;
}
