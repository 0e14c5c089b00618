import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
  arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })) }).optional(),
});
const attributes = z.array(z.object({ key: z.string(), value }));
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  attributes,
  status: z.object({ code: z.int().optional() }),
});
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

type Plain = Record<string, unknown>;
/** A span as a collector got it, its attributes by name. */
type CollectedSpan = Omit<z.output<typeof span>, 'attributes'> & { attributes: Plain };

/** An OTLP/HTTP collector that keeps what it is sent. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly paths: string[] = [];
  resource: Plain = {};
  /** Everything that came, as text. */
  text = '';
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      this.paths.push(request.url ?? '');
      this.#keep(Buffer.concat(parts).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  /** Returns its address. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #keep(text: string): void {
    this.text += text;
    for (const { resource, scopeSpans } of exported.parse(JSON.parse(text)).resourceSpans) {
      this.resource = plain(resource.attributes);
      for (const { spans } of scopeSpans) {
        this.spans.push(...spans.map((each) => ({ ...each, attributes: plain(each.attributes) })));
      }
    }
  }
}

function plain(list: z.output<typeof attributes>): Plain {
  return Object.fromEntries(
    list.map(({ key, value: { stringValue, intValue, doubleValue, boolValue, arrayValue } }) => {
      const whole = intValue === undefined ? undefined : Number(intValue);
      const texts = arrayValue?.values.map((each) => each.stringValue);
      return [key, stringValue ?? whole ?? doubleValue ?? boolValue ?? texts];
    }),
  );
}
