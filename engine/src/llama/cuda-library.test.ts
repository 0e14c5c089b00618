import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { cudaPackage, loadCudaLibrary, notInstalled } from './cuda-library.ts';
import { libraryDirectory } from './library.ts';

let folder: string;
/** Where the libraries lie that a CUDA one is to be added to. */
let libraries: string;
let lookedForFrom: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weai-cuda-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  libraries = join(folder, 'base/bins/linux-x64');
  lookedForFrom = join(folder, 'cuda/package.json');
  mkdirSync(libraries, { recursive: true });
  writeFileSync(join(folder, 'base/package.json'), '{"version":"1.2.3"}');
});

/** A package as npm would install it; `library` is copied into it. */
function install(version: string, library: string | null): string {
  const root = join(folder, 'cuda/node_modules', cudaPackage);
  const bins = join(root, 'bins/linux-x64-cuda');
  mkdirSync(bins, { recursive: true });
  mkdirSync(join(root, 'dist'));
  const exports = { '.': './dist/index.js' };
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: cudaPackage, version, exports }));
  writeFileSync(join(root, 'dist/index.js'), '');
  const path = join(bins, 'libggml-cuda.so');
  if (library !== null) copyFileSync(library, path);
  return path;
}

describe('loadCudaLibrary', () => {
  const whyNot = (): string => {
    const found = loadCudaLibrary(libraries, lookedForFrom);
    return 'whyNot' in found ? found.whyNot : 'it loaded';
  };

  test('says how to install what is not there', () => {
    expect(whyNot()).toBe(notInstalled(process.platform, process.arch));
    expect(notInstalled('linux', 'x64')).toBe('`make cuda` installs what an NVIDIA one needs');
    expect(notInstalled('linux', 'arm64')).toContain('Linux on x64 alone');
  });

  test('refuses another version, whose structures may differ', () => {
    install('1.2.4', null);
    expect(whyNot()).toBe(`${cudaPackage} is version 1.2.4 and must be 1.2.3: run \`make cuda\` again`);
  });

  test('refuses a package that is incomplete', () => {
    const path = install('1.2.3', null);
    expect(whyNot()).toBe(`${path} is missing: run \`make cuda\` again`);
  });

  test("passes on the loader's complaint, and says what it may lack", () => {
    install('1.2.3', join(folder, 'base/package.json'));
    expect(whyNot()).toMatch(/^its library does not load: .+ \(it needs NVIDIA's driver and CUDA 13\)$/);
  });

  test('takes one that loads', () => {
    const path = install('1.2.3', join(libraryDirectory(), 'libggml-base.so'));
    expect(loadCudaLibrary(libraries, lookedForFrom)).toEqual({ path });
  });
});
