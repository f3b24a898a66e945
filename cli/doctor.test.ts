import { describe, expect, test } from 'vitest';
import { diagnose, renderDiagnosis } from './doctor.js';

describe('doctor', () => {
  test('this machine can run the data plane', () => {
    const { checks } = diagnose({ resultsFolder: 'results/runs' });
    const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      'Node.js': 'ok',
      'WebAssembly SIMD': 'ok',
      'WebAssembly threads': 'ok',
      'results folder': 'ok',
    });
    for (const { neededFor } of checks) expect(neededFor).not.toBe('');
  });

  test('whatever is wrong has a hint', () => {
    const { checks } = diagnose({ resultsFolder: '/proc/nowhere/runs' });
    for (const { state, hint } of checks) expect(hint === '').toBe(state === 'ok');
  });

  test('says what is missing, and what cannot be driven', () => {
    const check = {
      name: 'data plane',
      state: 'missing',
      found: 'no',
      neededFor: 'every trial',
      hint: 'run it',
    } as const;
    const text = renderDiagnosis(
      { ready: false, checks: [check], targets: ['loopback://'], cannot: ['the moon'] },
      { columns: 80 },
    );
    expect(text).toContain('missing  data plane');
    expect(text).toContain('It does not drive:\n- the moon');
    expect(text).toContain('Not ready');
  });
});
