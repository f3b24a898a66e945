import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

export interface BinOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface BinOptions {
  cwd?: string;
  environment?: Record<string, string>;
}

/** Runs the real program as a user would. It must be built: `npm test` does that first. */
export function runBin(
  parameters: readonly string[],
  { cwd = projectRoot, environment = {} }: BinOptions = {},
): Promise<BinOutcome> {
  if (!existsSync(join(projectRoot, 'dist', 'cli', 'main.js'))) {
    throw new Error('dist/ is not built: use `npm test`, or `npm run build` before vitest');
  }
  const { DEBUG: _debug, FORCE_COLOR: _color, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(projectRoot, 'bin', 'run.js'), ...parameters],
      { cwd, env: { ...inherited, ...environment }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}
