import { expect, test } from 'vitest';
import { typedFlags } from './base-command.js';

test('typed flags have the names that were typed; defaults are none', () => {
  const typed = typedFlags({
    flags: { rate: '3M', quiet: false, fresh: true, chart: false, seed: '1' },
    metadata: { flags: { quiet: { setFromDefault: true }, rate: { setFromDefault: true }, seed: {} } },
  });
  expect([...typed]).toEqual(['fresh', 'no-chart', 'seed']);
});
