/**
 * Server-sent events as the OpenAI API uses them: `data:` lines, a `[DONE]` event at the end, comments for keep-alive.
 * The grammar is the WHATWG HTML standard's "event stream" (section 9.2).
 */

/** Text of the last event of a complete stream. */
export const streamDone = '[DONE]';

/** A comment that keeps proxies from closing a silent connection; clients ignore it. */
export const keepAliveComment = ': keep-alive\n\n';

/** One event. `json` must be on one line, as `JSON.stringify` writes it. */
export function formatEvent(json: string): string {
  return `data: ${json}\n\n`;
}

/**
 * Splits a byte stream into the data of its events, however the bytes are cut: inside a line, between `\r` and `\n`,
 * or inside a UTF-8 character. Comments and fields other than `data` are dropped.
 */
export class SseParser {
  #decoder = new TextDecoder('utf-8');
  #buffer = '';
  /** The `data` lines of an event whose end is to come; null without one. */
  #data: string | null = null;
  #maxEventChars: number;

  /** @param maxEventChars an event longer than this makes `push` throw a RangeError, so that memory stays bounded. */
  constructor(maxEventChars = 16 * 1024 * 1024) {
    this.#maxEventChars = maxEventChars;
  }

  /** @returns the data of every event that these bytes complete. */
  push(bytes: Uint8Array): string[] {
    const events: string[] = [];
    this.#buffer += this.#decoder.decode(bytes, { stream: true });
    const buffer = this.#buffer;
    // Most streams have none, so they are looked for once and not at each line.
    let cr = buffer.indexOf('\r');
    let start = 0;
    for (;;) {
      if (cr !== -1 && cr < start) cr = buffer.indexOf('\r', start);
      const end = lineEnd(buffer, buffer.indexOf('\n', start), cr);
      if (end === -1) break;
      this.#line(buffer.slice(start, end), events);
      start = end === cr && buffer[end + 1] === '\n' ? end + 2 : end + 1;
    }
    this.#buffer = buffer.slice(start);
    if (this.#buffer.length > this.#maxEventChars) throw new RangeError('event stream: a line is too long');
    return events;
  }

  #line(line: string, events: string[]): void {
    if (line === '') {
      if (this.#data !== null) events.push(this.#data);
      this.#data = null;
    } else if (line.startsWith('data:')) {
      const text = line.slice(line[5] === ' ' ? 6 : 5);
      this.#data = this.#data === null ? text : `${this.#data}\n${text}`;
    }
  }
}

/** Where a line ends, given the next LF and CR, -1 for none; -1 when the line goes on. */
function lineEnd(buffer: string, lf: number, cr: number): number {
  if (cr === -1 || (lf !== -1 && lf < cr)) return lf;
  // A CR at the very end may be the first half of CRLF: wait for the next byte.
  return cr === buffer.length - 1 ? -1 : cr;
}
