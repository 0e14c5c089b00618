import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../conformance/platform/server-process.ts';

const startTimeoutMs = 30_000;

/** Debian's PostgreSQL on a cluster of its own, reached over TCP with passwords, as one that an operator has. */
export class DebianPostgres {
  readonly port: number;
  readonly #directory: string;
  readonly #launch: () => ChildProcess;
  #process: ChildProcess;

  private constructor(port: number, directory: string, launch: () => ChildProcess) {
    this.port = port;
    this.#directory = directory;
    this.#launch = launch;
    this.#process = launch();
  }

  /** @param environment for the server alone, as that of a clock. */
  static async start(environment: NodeJS.ProcessEnv = {}): Promise<DebianPostgres> {
    const programs = globSync('/usr/lib/postgresql/*/bin')
      .toSorted((a, b) => versionOf(a) - versionOf(b))
      .at(-1);
    if (programs === undefined) throw new Error("Debian's postgresql is not installed");
    const directory = mkdtempSync(path.join(tmpdir(), 'weai-debian-'));
    const account = unprivilegedAccount();
    if (account) chownSync(directory, account.uid, account.gid);
    const data = path.join(directory, 'data');
    const initialize = ['-D', data, '-U', 'postgres', '--auth-local=trust', '--auth-host=scram-sha-256'];
    execFileSync(path.join(programs, 'initdb'), [...initialize, '--encoding=UTF8', '--no-sync'], {
      ...account,
      cwd: directory,
      stdio: 'ignore',
    });
    const port = await freePort();
    const settings = ['-p', String(port), '-h', '127.0.0.1', '-k', directory];
    const launch = () =>
      spawn(path.join(programs, 'postgres'), ['-D', data, ...settings], {
        ...account,
        cwd: directory,
        stdio: 'ignore',
        env: { ...process.env, ...environment },
      });
    const postgres = new DebianPostgres(port, directory, launch);
    if (!(await postgres.#isReady())) throw new Error("Debian's PostgreSQL did not start");
    return postgres;
  }

  /** Which version answers, as in `15.18 (Debian 15.18-0+deb12u1)`. */
  async version(): Promise<string> {
    const [row] = await this.#query('postgres', 'show server_version');
    return String(row?.['server_version']);
  }

  /**
   * Makes a database and a role that may do nothing but use it. Returns its URL.
   * @param rights `owner` of the database; or `tables`: may only make tables in it, so no extensions and no schemas.
   */
  async createDatabase(name: string, rights: 'owner' | 'tables'): Promise<string> {
    const password = `password-of-${name}`;
    const role = `role_of_${name}`;
    await this.#query(
      'postgres',
      `create role ${role} login password '${password}' nosuperuser nocreatedb nocreaterole`,
    );
    await this.#query(
      'postgres',
      `create database ${name}${rights === 'owner' ? ` owner ${role}` : ''} template template0`,
    );
    if (rights === 'tables') {
      await this.#query(name, `revoke all on database ${name} from public`);
      await this.#query(name, `grant connect on database ${name} to ${role}`);
      await this.#query(name, `grant usage, create on schema public to ${role}`);
    }
    return `postgres://${role}:${password}@127.0.0.1:${this.port}/${name}`;
  }

  /** Ends it as the kernel would. Its children end by themselves when they see that. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** Starts it again after `kill`: it recovers from its log. */
  async restart(): Promise<void> {
    for (const deadlineMs = performance.now() + startTimeoutMs; performance.now() < deadlineMs;) {
      this.#process = this.#launch();
      // It ends at once while a child of the killed one still runs.
      if (await this.#isReady()) return;
    }
    throw new Error("Debian's PostgreSQL did not start again");
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGINT');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #query(database: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({
      host: this.#directory,
      port: this.port,
      user: 'postgres',
      database,
      connectionTimeoutMillis: 2000,
    });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(text);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Waits until it takes connections; false when it ended instead. */
  async #isReady(): Promise<boolean> {
    for (const deadlineMs = performance.now() + startTimeoutMs; performance.now() < deadlineMs;) {
      if (this.#process.exitCode !== null) return false;
      // Not listening yet is what this loop waits out.
      const version = await this.version().catch(() => null);
      if (version !== null) return true;
      await sleep(30);
    }
    return false;
  }
}

/** PostgreSQL doesn't run as root: then Debian's own user for it does. */
function unprivilegedAccount(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
  return { uid: Number(entry?.[1]), gid: Number(entry?.[2]) };
}

function versionOf(programs: string): number {
  return Number(/postgresql\/(\d+)/.exec(programs)?.[1] ?? 0);
}
