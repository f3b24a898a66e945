import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,generators,sirius-card,targets,results,cli,simulator,test,bench}/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
