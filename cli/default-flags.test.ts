import { expect, test } from 'vitest';
import Cps from './commands/cps.js';
import Faults from './commands/faults/index.js';
import Hero from './commands/hero.js';
import Pps from './commands/pps.js';
import { DEFAULT_CPS_FLAGS } from './cps-options.js';
import { DEFAULT_FAULTS_FLAGS } from './faults/faults-options.js';
import { DEFAULT_HERO_FLAGS } from './hero-options.js';
import { DEFAULT_PPS_FLAGS } from './pps-options.js';

// Commands state their defaults as text, so that help loads nothing; trials of a sweep take theirs from the options. Both must say the same.

type Flag = { default?: unknown };

test.each<[string, Record<string, Flag>, object]>([
  ['cps', Cps.flags, DEFAULT_CPS_FLAGS],
  ['pps', Pps.flags, DEFAULT_PPS_FLAGS],
  ['faults', { scenario: Faults.args.scenario, ...Faults.flags }, DEFAULT_FAULTS_FLAGS],
  ['hero', Hero.flags, DEFAULT_HERO_FLAGS],
])('%s typed without flags is the trial of a sweep without flags', (_command, flags, defaults) => {
  const own = Object.entries(defaults).filter(([name]) => name in flags);
  expect(own.length).toBeGreaterThan(6);
  expect(Object.fromEntries(own.map(([name]) => [name, flags[name]?.default]))).toEqual(
    Object.fromEntries(own),
  );
});
