import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ExitCode, SiriusError } from '../core/errors.js';

/**
 * Makes sure, before any work, that a folder is there and can be written.
 * @throws SiriusError (exit code 1) naming `flag`
 */
export function prepareFolder(folder: string, flag = '--results-dir'): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new SiriusError({
      code: 'results-unwritable',
      message: `${flag}: expected a folder that can be written, got "${folder}" (${(error as Error).message})`,
      hint: `Choose another folder with ${flag}.`,
      exitCode: ExitCode.failed,
      cause: error,
    });
  }
}

/** Level by level: a recursive mkdir never returns in a file system that refuses it with ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw new Error(`"${folder}" is no folder`);
  makeFolder(dirname(resolve(folder)));
  mkdirSync(folder);
}
