import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { pagePaths } from './src/paths.ts';

const dist = join(import.meta.dirname, 'dist');
const firstPage = join(import.meta.dirname, 'src/pages/playground/page.tsx');

interface Modules {
  getModuleInfo: (id: string) => { importedIds: string[] } | null;
}

/** A module and all that it imports statically. */
function loadedWith(id: string, modules: Modules, known = new Set<string>()): Set<string> {
  if (known.has(id)) return known;
  known.add(id);
  for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) loadedWith(imported, modules, known);
  return known;
}

/** Names a chunk for those of the first page's modules that `belongs` tells by their path. */
function ofFirstPage(name: string, belongs: (id: string) => boolean) {
  let needed: Set<string> | null = null;
  return (id: string, modules: Modules): string | null => {
    needed ??= loadedWith(firstPage, modules);
    return needed.has(id) && belongs(id) ? name : null;
  };
}

/**
 * What the playground, the first page, needs at once is in a few scripts instead of some thirty: each costs headers, and
 * compresses on its own. What other pages need too stands apart from the playground's own.
 */
const isPlayground = (id: string) => id.startsWith(dirname(firstPage));
const firstScripts = [
  { name: 'console', tags: ['$initial' as const] },
  { name: ofFirstPage('shared', (id) => !isPlayground(id)), debugName: 'shared' },
  { name: ofFirstPage('playground', isPlayground), debugName: 'playground' },
];

const compressible = /\.(js|css|html|svg|json)$/;

/** Writes what the server needs beside the page: the paths that are pages, and each text file in both compressed forms. */
function serverFiles(): Plugin {
  return {
    name: 'weai-server-files',
    apply: 'build',
    closeBundle: async () => {
      await writeFile(join(dist, 'pages.json'), JSON.stringify(pagePaths));
      const files = await readdir(dist, { recursive: true });
      await Promise.all(
        files.filter((file) => compressible.test(file)).map((file) => compress(join(dist, file))),
      );
    },
  };
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  if (bytes.length < 1024) return;
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  await Promise.all([
    promisify(brotliCompress)(bytes, brotli).then((smaller) => writeFile(`${file}.br`, smaller)),
    promisify(gzip)(bytes, { level: 9 }).then((smaller) => writeFile(`${file}.gz`, smaller)),
  ]);
}

// `npm run dev -w console` shows changes at once, in front of the server that WEAI_URL names.
const server = process.env['WEAI_URL'] ?? 'http://127.0.0.1:8080';
const forwarded = { target: server, changeOrigin: true };

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), serverFiles()],
  // Inlined files would be `data:` addresses, which the policy forbids for scripts and fonts.
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: firstScripts } } },
  },
  server: { proxy: { '/v1': forwarded, '/auth': forwarded, '/readyz': forwarded, '/healthz': forwarded } },
});
