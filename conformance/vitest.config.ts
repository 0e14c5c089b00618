import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['**/*.test.ts'],
    globalSetup: ['./global-setup.ts'],
    setupFiles: ['./platform/observed.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One engine on a few cores: files side by side would only make each other's timings and cache counts uncertain.
    fileParallelism: false,
  },
});
