import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

/**
 * The commit that a folder has checked out, with `-dirty` when files that git tracks differ from it. `undefined` when the folder is not
 * the top of a git checkout: an unpacked package lies in somebody else's, whose commit says nothing about it.
 * @param {string} folder
 * @returns {string | undefined}
 */
export function commitOf(folder) {
  try {
    if (realpathSync(git(folder, 'rev-parse', '--show-toplevel')) !== realpathSync(folder)) return undefined;
    const commit = git(folder, 'rev-parse', 'HEAD');
    return git(folder, 'status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}-dirty`;
  } catch {
    return undefined;
  }
}

function git(folder, ...parameters) {
  return execFileSync('git', ['--no-optional-locks', ...parameters], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
