import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** How the two forms of an answer end: the JSON, with or without transfer chunks, and the stream. */
const jsonEnd = /\}\s*(\r\n0\r\n\r\n)?$/;
const streamEnd = /data: \[DONE\]\n\n(\r\n0\r\n\r\n)?$/;
const longestEnd = 64;

/**
 * A keep-alive connection that sends the same request again and again, one at a time. It reads only as much of an answer as
 * tells that it is whole, so that the load generator leaves the cores to what it measures.
 */
export class ChatConnection {
  readonly #request: Buffer;
  readonly #socket: Socket;
  #head = '';
  /** Bytes of the body that are to come; null in transfer chunks, undefined until the head is there. */
  #remaining: number | null | undefined;
  #tail = '';
  #settle: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(url: URL, request: Buffer) {
    this.#request = request;
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  async open(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, 'connect');
  }

  close(): void {
    this.#socket.destroy();
  }

  /**
   * Sends the request and resolves with the answer's last byte.
   * @throws Error on another status than 200, a cut answer or a closed connection.
   */
  async exchange(stream: boolean): Promise<void> {
    this.#head = '';
    this.#tail = '';
    this.#remaining = undefined;
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(this.#request);
    });
    if (!(stream ? streamEnd : jsonEnd).test(this.#tail)) throw new Error(`a cut answer: …${this.#tail}`);
  }

  #receive(bytes: Buffer): void {
    let body = bytes;
    if (this.#remaining === undefined) {
      const start = this.#readHead(bytes);
      if (start === null) return;
      body = bytes.subarray(start);
    }
    this.#tail = (this.#tail + body.toString('latin1', Math.max(0, body.length - longestEnd))).slice(
      -longestEnd,
    );
    if (typeof this.#remaining === 'number') this.#remaining -= body.length;
    const whole = this.#remaining === null ? this.#tail.endsWith('\r\n0\r\n\r\n') : this.#remaining === 0;
    if (!whole) return;
    this.#settle?.resolve();
    this.#settle = null;
  }

  /** @returns where the body begins in these bytes; null while the head goes on. */
  #readHead(bytes: Buffer): number | null {
    const before = this.#head.length;
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) return null;
    const head = this.#head.slice(0, end);
    if (!head.startsWith('HTTP/1.1 200 ')) this.#fail(new Error(`not answered with 200: ${this.#head}`));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#remaining = length === undefined ? null : Number(length);
    return end + 4 - before;
  }

  #fail(error: Error): void {
    this.#settle?.reject(error);
    this.#settle = null;
  }
}
