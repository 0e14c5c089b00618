import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  // Not the configuration beside it, which is the console's build.
  plugins: [],
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One engine and one browser, for all of them, on a few cores.
    fileParallelism: false,
    isolate: false,
  },
});
