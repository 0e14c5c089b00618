import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['checks/**/*.test.ts'],
    globalSetup: ['./checks/global-setup.ts'],
    testTimeout: 130_000,
    hookTimeout: 130_000,
    // One file after the other; within a file a few blocks at a time, as the engine batches them.
    fileParallelism: false,
    maxConcurrency: 4,
  },
});
