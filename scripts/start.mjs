// `npm start`: sets up, then runs the command line with the given arguments, or the paper's load.
import { join } from 'node:path';
import { root, setUp } from './set-up.mjs';

const DEFAULT_ARGUMENTS = ['cps', '--rate', '3M'];

setUp();
const given = process.argv.slice(2);
const script = join(root, 'bin/run.js');
// In this process, so that signals and the terminal are the command's own.
process.argv = [process.execPath, script, ...(given.length > 0 ? given : DEFAULT_ARGUMENTS)];
await import('../bin/run.js');
