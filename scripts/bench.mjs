// `npm run bench`: sets up, then runs the kept benchmark (bench/README.md); arguments go on to it.
import { setUp } from './set-up.mjs';

setUp();
await import('../dist/bench/main.js');
