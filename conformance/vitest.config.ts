import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    // The starter's answers to one seed differ with the batches they are computed in, and some tests time the server on a machine
    // that may be busy: both get a second look. scripts/test.ts tells at its end which tests needed one.
    retry: 1,
    include: ['**/*.test.ts'],
    globalSetup: ['./global-setup.ts'],
    setupFiles: ['./platform/observed.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One engine on a few cores: files side by side would only make each other's timings and cache counts uncertain.
    fileParallelism: false,
  },
});
