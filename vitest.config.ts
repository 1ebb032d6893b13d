import { defineConfig } from 'vitest/config';

/**
 * Two projects: `unit` is pure or in-process; `vm` starts real virtual machines, and comes after it. Two of its files run
 * at a time: most of their time they wait for a guest, and no test depends on how long that takes.
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
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
