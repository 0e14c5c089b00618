import { isatty } from 'node:tty';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { logText } from './log-text.ts';

export type { Logger } from 'pino';

/**
 * The server's log on stderr, without keys and without anything that a client wrote: JSON lines, or lines for people where that is a
 * terminal.
 */
export function createLog({
  logLevel,
  logFormat = 'auto',
}: Pick<Config, 'logLevel'> & Partial<Pick<Config, 'logFormat'>>): Logger {
  const stderr = destination({ dest: 2, sync: true });
  // A closed pipe (`make start | head`) leaves nowhere to report to, and is no reason to stop serving.
  stderr.on('error', () => undefined);
  const forPeople = logFormat === 'text' || (logFormat === 'auto' && isatty(2));
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: ['apiKey', '*.apiKey', 'authorization', 'headers.authorization', '*.headers.authorization'],
    },
    forPeople ? { write: (line) => void stderr.write(logText(line)) } : stderr,
  );
}
