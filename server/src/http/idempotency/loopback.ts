import { request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { duplexPair } from 'node:stream';

/**
 * Sends a request to this very server over a connection inside the process, so that it runs on when the client who sent it
 * first has gone. It passes everything that a request from outside passes.
 */
export async function sendToSelf(
  server: Server,
  options: { path: string; headers: IncomingHttpHeaders; body: string },
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({
    method: 'POST',
    path: options.path,
    headers: { ...options.headers, 'content-length': Buffer.byteLength(options.body) },
    createConnection: () => {
      const [ours, theirs] = duplexPair();
      server.emit('connection', theirs);
      return ours;
    },
  });
  sent.once('response', resolve);
  sent.once('error', reject);
  sent.end(options.body);
  return promise;
}
