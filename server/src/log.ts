import { destination, pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';
import type { Config } from './config.ts';

export type { Logger } from 'pino';

/** The server's log: JSON lines on stderr, without keys and without anything that a client wrote. */
export function createLog(config: Pick<Config, 'logLevel'>): Logger {
  const stderr = destination({ dest: 2, sync: true });
  // A closed pipe (`make start | head`) leaves nowhere to report to, and is no reason to stop serving.
  stderr.on('error', () => undefined);
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: ['apiKey', '*.apiKey', 'authorization', 'headers.authorization', '*.headers.authorization'],
    },
    stderr,
  );
}
