import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { settings } from './config.ts';
import type { Config } from './config.ts';
import { StartError } from './start-error.ts';

type Address = Pick<Config, 'host' | 'port'>;

/** So that a taken port is said before anything is downloaded or started. Throws StartError. */
export async function checkPortIsFree(config: Address): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(cannotListen(error, config)));
    probe.listen(config.port, config.host, () => probe.close(() => resolve()));
  });
}

/** Listens, and gives the address without a slash at its end. Throws StartError. */
export async function listen(app: FastifyInstance, config: Address): Promise<string> {
  try {
    const address = await app.listen({ host: config.host, port: config.port });
    return address.replace(/\/$/, '');
  } catch (error) {
    throw cannotListen(error, config);
  }
}

function cannotListen(error: unknown, { host, port }: Address): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const unknownHost = `${host} is not a name that this machine knows: set ${settings.host.name}.`;
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is taken: stop what uses it, or choose another with ${settings.port.name}=8081.`,
    EACCES: `Port ${port} needs more rights than this user has: choose one from 1024 with ${settings.port.name}.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine: set ${settings.host.name}.`,
    ENOTFOUND: unknownHost,
    // Where no name server answers.
    EAI_AGAIN: unknownHost,
  };
  const reason = reasons[code];
  return reason === undefined ? error : new StartError(reason, { cause: error });
}
