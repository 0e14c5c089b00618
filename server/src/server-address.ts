import { existsSync } from 'node:fs';
import type { Config } from './config.ts';
import { lockHolder } from './data-directory.ts';

/** What a running server says of itself to whom its lock stops. @param url where it listens. */
export function describeServer(url: string): string {
  return `process ${process.pid}, ${url}`;
}

/**
 * Where commands find the server on this machine: at the address that the one which runs on the data directory listens on,
 * else where these settings would start it. The server may have got its PORT from an environment that the command hasn't.
 */
export async function localAddress({
  dataDir,
  host,
  port,
}: Pick<Config, 'dataDir' | 'host' | 'port'>): Promise<string> {
  const holder = existsSync(dataDir) ? await lockHolder(dataDir, 'server') : null;
  const running = /, (https?:\S+)$/.exec(holder ?? '')?.[1];
  if (running !== undefined) return running;
  const local = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${local.includes(':') ? `[${local}]` : local}:${port}`;
}
