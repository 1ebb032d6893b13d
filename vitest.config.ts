import { defineConfig } from 'vitest/config';

/**
 * Two projects: `unit` is pure or in-process and runs in parallel; `vm` starts real virtual machines and
 * runs one file at a time, so that two emulated guests never fight for the same cores.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/closingLine.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/conformance/**', 'test/**/*.vm.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'vm',
          include: ['test/e2e/**/*.test.ts', 'test/conformance/**/*.test.ts', 'test/**/*.vm.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
