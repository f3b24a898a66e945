import { describe, expect, test } from 'vitest';
import type { CpsFlags } from '../cli/cps-options.js';
import { runNotes } from '../results/run-notes.js';
import { runTrial } from './trials.js';

// What is said of real trials: the paper's rate near the knee and beyond it.

describe('notes of a trial', () => {
  test.each<[string, Partial<CpsFlags>, string[]]>([
    ['below the knee', { rate: '1M' }, []],
    ['below the knee, at random', { rate: '2M', arrivals: 'poisson' }, []],
    ['so few that hardly two meet', { rate: '1k', duration: '100ms' }, []],
    ['near the knee, too short to settle', { rate: '3M', duration: '10ms' }, ['rising']],
    ['beyond the knee, before its queues are full', { rate: '3.2M', duration: '8ms' }, ['rising']],
    ['beyond the knee, with queues that fill', { rate: '3.3M', duration: '25ms' }, ['overload']],
    ['beyond the knee', { rate: '6M', power: '52W', duration: '30ms' }, ['overload', 'waiting', 'survivors']],
    ['connections held open', { rate: '500k', profile: 'cps-long-lived', duration: '40ms' }, ['open']],
    ['denied by the rules', { rate: '100k', acl: 'examples/acl.yaml' }, ['denied', 'waiting', 'survivors']],
  ])('%s', async (_name, flags, kinds) => {
    expect(runNotes(await runTrial(flags)).map(({ kind }) => kind)).toEqual(kinds);
  });

  test('given up connections are broken, and nothing is due any more', async () => {
    const tunable = ['tcp.synTimeout=2ms', 'tcp.connectionTimeout=10ms'];
    const result = await runTrial({ rate: '6M', power: '52W', duration: '30ms', tunable });
    const [note, ...others] = runNotes(result);
    expect(note?.text).toMatch(/^target OVERLOADED: \d\d\.\d\d% .* \(armNewFlowQueue\)$/);
    expect(result.measured.connections.broken.timeout).toBeGreaterThan(1000);
    expect(others.map(({ kind }) => kind)).toEqual(['survivors']);
    // Nearly all of what breaks never had an answer; what is open at the end and was not answered is the rest.
    const { attempted, established, open, broken } = result.measured.connections;
    const { unanswered = 0, total } = broken;
    expect(unanswered).toBeGreaterThan(1000);
    expect(unanswered).toBeLessThanOrEqual(total);
    expect(attempted - established - unanswered).toBeGreaterThanOrEqual(0);
    expect(attempted - established - unanswered).toBeLessThanOrEqual(open);
    expect(others[0]?.text).toContain('broke without an answer');
  });
});
