import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{protocol,engine,server}/src/**/*.test.ts',
      'console/src/**/*.test.ts',
      'sdk/node/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'benchmarks/*.test.ts',
    ],
    globalSetup: ['server/src/db/testing-setup.ts'],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
});
