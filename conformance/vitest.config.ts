import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    // Some tests time the server (a stream's end within a second, the next answer within five): a machine that was busy for seconds
    // gets a second look. scripts/test.ts tells at its end which tests needed one.
    retry: 2,
    include: ['**/*.test.ts'],
    globalSetup: ['./global-setup.ts'],
    setupFiles: ['./platform/observed.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One engine on a few cores: files side by side would only make each other's timings and cache counts uncertain.
    fileParallelism: false,
  },
});
