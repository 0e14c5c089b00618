import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

/** The npm package with llama.cpp's CUDA library; `make cuda` installs it. */
export const cudaPackage = '@node-llama-cpp/linux-x64-cuda';
const cudaPackageFolder = 'linux-x64-cuda';

/** NVIDIA's libraries that llama.cpp's needs, each before those that need it. */
const runtimeLibraries = ['libcudart.so.13', 'libcublasLt.so.13', 'libcublas.so.13'];
/** Where NVIDIA's installers put them; the system's loader may not look there. */
const runtimeFolders = ['/usr/local/cuda/lib64', '/usr/local/cuda-13/lib64', '/opt/cuda/lib64'];

/** A library that can be loaded, or why there is none, as the end of a sentence. */
export type CudaLibrary = { path: string } | { whyNot: string };

/** Where the package is looked for: `make cuda` puts it into a folder of its own, since it is large and few want it. */
const installedFor = join(import.meta.dirname, '../../cuda/package.json');

/**
 * Finds llama.cpp's CUDA library and tries to load it, with what it needs of NVIDIA's.
 * @param librariesFrom folder of the llama.cpp libraries that it is to be added to: both must be of one version.
 * @param lookedForFrom a file; packages are looked for in the folders above it, as Node does.
 */
export function loadCudaLibrary(librariesFrom: string, lookedForFrom = installedFor): CudaLibrary {
  const root = packageRoot(lookedForFrom);
  if (root === null) return { whyNot: notInstalled(process.platform, process.arch) };
  const [found, wanted] = [packageVersion(root), packageVersion(join(librariesFrom, '../..'))];
  if (found !== wanted) {
    return { whyNot: `${cudaPackage} is version ${found} and must be ${wanted}: run \`make cuda\` again` };
  }
  const path = join(root, 'bins', cudaPackageFolder, 'libggml-cuda.so');
  if (!existsSync(path)) return { whyNot: `${path} is missing: run \`make cuda\` again` };
  for (const name of runtimeLibraries) loadRuntimeLibrary(name);
  const complaint = load(path);
  return complaint === null
    ? { path }
    : { whyNot: `its library does not load: ${complaint} (it needs NVIDIA's driver and CUDA 13)` };
}

/** Why there is nothing to load where nothing was installed. */
export function notInstalled(platform: string, architecture: string): string {
  return platform === 'linux' && architecture === 'x64'
    ? '`make cuda` installs what an NVIDIA one needs'
    : "llama.cpp's library for NVIDIA ones is there for Linux on x64 alone";
}

function packageRoot(lookedForFrom: string): string | null {
  try {
    return join(dirname(createRequire(lookedForFrom).resolve(cudaPackage)), '..');
  } catch {
    // Not installed.
    return null;
  }
}

function packageVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** What is missing is told when the library that needs it is loaded. */
function loadRuntimeLibrary(name: string): void {
  for (const candidate of [name, ...runtimeFolders.map((folder) => join(folder, name))]) {
    if (load(candidate) === null) return;
  }
}

/** Held for as long as the process lives: koffi closes a library that nobody holds. */
const loaded: object[] = [];

/** @returns the loader's complaint, or null. */
function load(path: string): string | null {
  try {
    loaded.push(koffi.load(path, { global: true }));
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.replace('Failed to load shared library: ', '');
  }
}
