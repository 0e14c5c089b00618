import { spawnSync } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem, totalmem } from 'node:os';
import { sql } from 'kysely';
import type { Config } from './config.ts';
import { lockHolder, prepareDataDirectory } from './data-directory.ts';
import { openDatabase } from './db/open.ts';
import { embeddedEngine, engineEnvironment } from './engines/supervisor.ts';
import { createLog } from './log.ts';
import { catalogueEntry, starterModelId } from './models/catalogue.ts';
import { formatBytes } from './models/progress.ts';
import { hasWeights } from './models/weights.ts';

/** What was found, and what to do about it where it isn't well. */
interface Finding {
  well: boolean;
  detail: string;
}

const enoughDiskBytes = 1_000_000_000;
const enoughMemoryBytes = 1_000_000_000;

/** Looks at all that a start needs and prints a line for each, or all as JSON. Returns the exit code: 1 when something is amiss. */
export async function examine(config: Config, json: boolean): Promise<number> {
  const running = await lockHolder(config.dataDir, 'server').catch(() => null);
  const checks: Record<string, () => Finding | Promise<Finding>> = {
    'Node.js': checkNode,
    'Data directory': () => checkDataDirectory(config),
    'Disk space': () => checkDisk(config),
    Memory: checkMemory,
    Port: () => checkPort(config, running),
    'Engines run on': () => checkEngineDevice(config),
    Weights: () => checkWeights(config),
    Database: () => checkDatabase(config),
  };
  const findings: (Finding & { name: string })[] = [];
  for (const [name, check] of Object.entries(checks)) {
    const finding = await Promise.resolve()
      .then(check)
      .catch((error: unknown) => amiss(error instanceof Error ? error.message : 'the check itself failed'));
    findings.push({ name, ...finding });
    if (!json) console.log(`${finding.well ? 'ok   ' : 'AMISS'}  ${name.padEnd(15)} ${finding.detail}`);
  }
  const allWell = findings.every(({ well }) => well);
  if (json) console.log(JSON.stringify({ well: allWell, findings, server: running }, null, 2));
  else
    console.log(
      `${running === null ? '-    ' : 'ok   '}  ${'Server'.padEnd(15)} ${running ?? 'not running'}`,
    );
  return allWell ? 0 : 1;
}

function well(detail: string): Finding {
  return { well: true, detail };
}

function amiss(detail: string): Finding {
  return { well: false, detail };
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24
    ? well(process.version)
    : amiss(`${process.version} is too old: run ./weai, which uses the Node 24 that "make install" fetched.`);
}

async function checkDataDirectory({ dataDir }: Config): Promise<Finding> {
  await prepareDataDirectory(dataDir);
  return well(dataDir);
}

async function checkDisk({ dataDir }: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = `${formatBytes(bavail * bsize)} free`;
  return bavail * bsize >= enoughDiskBytes ? well(free) : amiss(`${free}: make room for 1 GB at least.`);
}

function checkMemory(): Finding {
  const text = `${formatBytes(freemem())} free of ${formatBytes(totalmem())}`;
  return freemem() >= enoughMemoryBytes ? well(text) : amiss(`${text}: the starter needs about 1 GB.`);
}

async function checkPort({ host, port }: Config, running: string | null): Promise<Finding> {
  if (running !== null) return well(`${host}:${port} (see Server)`);
  const probe = createServer();
  const code = await new Promise<string>((resolve) => {
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'));
    probe.listen(port, host, () => probe.close(() => resolve('')));
  });
  return code === ''
    ? well(`${host}:${port} is free`)
    : amiss(`${host}:${port}: ${code}. Choose another with PORT.`);
}

/** Asks the engine itself: it knows what it would find, and why it would not take a GPU. */
function checkEngineDevice({ engineDevice }: Config): Finding {
  const [program, ...args] = embeddedEngine();
  const { status, stdout, stderr } = spawnSync(
    program,
    [...args, '--check-device', '--device', engineDevice],
    {
      encoding: 'utf8',
      env: engineEnvironment(),
    },
  );
  return status === 0 ? well(stdout.trim()) : amiss(lastMessage(stderr));
}

function lastMessage(stderr: string): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  try {
    return (JSON.parse(last) as { msg: string }).msg;
  } catch {
    // Not a line of the engine's log: it ended otherwise.
    return last;
  }
}

async function checkWeights({ dataDir }: Config): Promise<Finding> {
  const starter = catalogueEntry(starterModelId);
  return starter !== undefined && (await hasWeights(dataDir, starter.weights))
    ? well(`${starterModelId} is here`)
    : amiss(`${starterModelId} is not here yet: run ./weai pull ${starterModelId}`);
}

async function checkDatabase(config: Config): Promise<Finding> {
  const database = await openDatabase(config, createLog({ logLevel: 'silent' }));
  try {
    const { rows } = await sql<{
      version: string;
    }>`select current_setting('server_version') as version`.execute(database.kysely);
    return well(`PostgreSQL ${rows[0]?.version ?? ''}${config.databaseUrl === null ? ', embedded' : ''}`);
  } finally {
    await database.close();
  }
}
