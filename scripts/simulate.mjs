// `npm run simulate`: sets up, then runs the simulator (simulator/README.md); arguments go on to it.
import { setUp } from './set-up.mjs';

setUp();
await import('../dist/simulator/main.js');
