import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ChatConnection } from './chat-connection.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A connection to a server that answers with these pieces, each a packet of its own. */
async function connectionTo(pieces: readonly string[]): Promise<ChatConnection> {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => {
      for (const [index, piece] of pieces.entries()) setTimeout(() => socket.write(piece), 5 * index);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const connection = new ChatConnection(new URL(`http://127.0.0.1:${address.port}`), Buffer.from('request'));
  await connection.open();
  return connection;
}

const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a":1}';
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n';

test.each([
  ['a JSON of known length', whole, false],
  ['a stream in transfer chunks', chunked, true],
])('%s is whole at its last byte, however it is cut', async (_name, answer, stream) => {
  for (let cut = 1; cut < answer.length; cut += 9) {
    const connection = await connectionTo([answer.slice(0, cut), answer.slice(cut)]);
    await expect(connection.exchange(stream)).resolves.toBeUndefined();
    await expect(connection.exchange(stream)).resolves.toBeUndefined();
    connection.close();
    server?.close();
  }
});

test.each([
  ['another status', 'HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\n{}', false, 'not answered with 200'],
  ['a stream without its end', chunked.replace('[DONE]', '{"a":1}'), true, 'a cut answer'],
])('%s fails the run', async (_name, answer, stream, message) => {
  const connection = await connectionTo([answer]);
  await expect(connection.exchange(stream)).rejects.toThrow(message);
  connection.close();
});
