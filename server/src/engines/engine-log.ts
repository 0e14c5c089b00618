import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Logger } from '../log.ts';

const keptLines = 10;
const maxLineChars = 2_000;

/** Passes an engine's standard error into the log, and remembers its last lines to explain how it ended. */
export class EngineLog {
  readonly #lines: string[] = [];

  constructor(stderr: Readable, log: Logger) {
    const lines = createInterface({ input: stderr, crlfDelay: Infinity });
    lines.on('line', (line) => {
      const kept = line.slice(0, maxLineChars);
      this.#lines.push(kept);
      if (this.#lines.length > keptLines) this.#lines.shift();
      const entry = parseEntry(kept);
      if (entry === null) log.debug({ engine: kept }, 'engine output');
      else if (entry.level >= 40) log.warn({ engine: entry.fields }, entry.message);
      else if (entry.level >= 30) log.info({ engine: entry.fields }, entry.message);
      else log.debug({ engine: entry.fields }, entry.message);
    });
  }

  /** The last lines, to be put after a sentence; empty when there were none. */
  text(): string {
    return this.#lines.length === 0 ? '' : `; its last words were:\n${this.#lines.join('\n')}`;
  }
}

function parseEntry(line: string): { level: number; message: string; fields: object } | null {
  if (!line.startsWith('{')) return null;
  try {
    const fields: unknown = JSON.parse(line);
    if (typeof fields !== 'object' || fields === null) return null;
    const level = 'level' in fields ? levelOf(fields.level) : 30;
    const message = 'msg' in fields && typeof fields.msg === 'string' ? fields.msg : 'engine';
    return { level, message, fields };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function levelOf(level: unknown): number {
  if (typeof level === 'number') return level;
  return level === 'warn' ? 40 : level === 'error' || level === 'fatal' ? 50 : 30;
}
