import { expect, test } from 'vitest';
import { exampleResult } from '../../results/fixture.js';
import { loadModel } from '../../sirius-card/model.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import {
  type PowerFlags,
  performPower,
  powerHeading,
  powerLoads,
  powerTrials,
  renderPower,
} from './power.js';

const model = loadModel('dsc-200');
const FLAGS: PowerFlags = {
  ...{ rate: '3M', 'latency-rate': '1M', duration: '300ms', model: 'dsc-200', quick: false, out: 'unused' },
  ...{ fresh: false, 'results-dir': 'unused', quiet: true },
};
const NOTHING_TYPED: ReadonlySet<string> = new Set();
const SIDE = {
  given: NOTHING_TYPED,
  json: true,
  stderr: { isTerminal: false, columns: 80, color: false },
  stream: process.stderr,
};

function fakePool(): TrialPool & { asked: TrialSpec[] } {
  const asked: TrialSpec[] = [];
  return {
    asked,
    run: async (spec) => {
      prepareTrial(spec);
      asked.push(spec);
      return exampleResult();
    },
  };
}

test('asks for the same loads in every state, with every seed', async () => {
  const pool = fakePool();
  const states = await powerTrials(pool, FLAGS, model, 2);
  expect(states.map(({ watts }) => watts)).toEqual([78, 68, 52]);
  const loads = (watts: string) =>
    pool.asked
      .filter(({ flags }) => flags.power === watts)
      .map(({ command, flags }) => `${command} ${flags.rate ?? ''} ${flags.seed}`)
      .sort();
  expect(loads('78W')).toEqual(['cps 1M 1', 'cps 1M 2', 'cps 3M 1', 'cps 3M 2', 'pps  1', 'pps  2']);
  expect(loads('52W')).toEqual(loads('78W'));
});

test('--quick is shorter unless a duration was typed', async () => {
  const quick = { ...FLAGS, quick: true };
  expect(powerLoads(FLAGS, NOTHING_TYPED).duration).toBe('300ms');
  expect(powerLoads(quick, NOTHING_TYPED).duration).toBe('200ms');
  expect(powerLoads(quick, new Set(['duration'])).duration).toBe('300ms');
  const pool = fakePool();
  await powerTrials(pool, powerLoads(quick, new Set(['duration'])), model, 1);
  const durations = pool.asked.filter(({ command }) => command === 'cps').map(({ flags }) => flags.duration);
  expect(new Set(durations)).toEqual(new Set(['300ms']));
});

test('the heading tells model, durations and seeds', () => {
  expect(powerHeading({ duration: '200ms' }, { name: 'dsc-200' }, 1)).toBe(
    'power states of dsc-200; trials: connections 200 ms, packets 20.0 ms; 1 seed',
  );
});

test('the table tells what each state is of the first, in 80 columns', () => {
  const state = (watts: number, pps: number, cps: number) => ({
    ...{
      watts,
      pps,
      achievedCps: cps,
      lossRatio: 0,
      synToSynAckNs: 30e3,
      synToSynAckP99Ns: 60e3,
      pingPongNs: 10e3,
      cardTransitNs: 2360,
    },
    ...{ packetsPerJoule: pps / watts, connectionsPerJoule: cps / (2 * watts) },
  });
  const text = renderPower(
    [state(78, 55e6, 3e6), state(68, 49.5e6, 3e6), state(52, 41.25e6, 2.5e6)],
    FLAGS,
    [],
  );
  expect(text).toMatch(/packets\/s, one card +55\.0 Mpps +49\.5 Mpps -10\.0% +41\.\d Mpps -25\.0%/);
  expect(text).toMatch(/connections\/s of 3M offered +3\.00 Mcps +3\.00 Mcps 0% +2\.50 Mcps -16\.7%/);
  expect(text).toMatch(/power +78 W +68 W -12\.8% +52 W -33\.3%/);
  expect(text).toMatch(/connections per joule +19,230 +22,060 \+14\.7% +24,040 \+25\.0%/);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('more states than fit beside each other come in groups, each beside the first', () => {
  const state = (watts: number) => ({
    ...{ watts, pps: 55e6, achievedCps: 3e6, lossRatio: 0, synToSynAckNs: 30e3, synToSynAckP99Ns: 60e3 },
    ...{ pingPongNs: 10e3, cardTransitNs: 2360, packetsPerJoule: 1, connectionsPerJoule: 1 },
  });
  const text = renderPower([78, 75, 68, 60, 52].map(state), FLAGS, []);
  const heads = text.split('\n').filter((line) => /^ +78 W/.test(line));
  expect(heads.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['78 W', '75 W', '68 W'],
    ['78 W', '60 W', '52 W'],
  ]);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('trials that are invalid are no part of a state', async () => {
  const pool: TrialPool = {
    run: async ({ flags }) =>
      exampleResult(flags.seed === '1' ? { verdict: 'invalid', invalidReasons: ['made up'] } : {}),
  };
  const [first] = await powerTrials(pool, FLAGS, model, 2);
  expect([first?.pps.length, first?.cps.length, first?.latency.length]).toEqual([1, 1, 1]);
});

test.each<[Partial<PowerFlags>, RegExp]>([
  [{ model: 'dsc-300' }, /--model: expected a card model \(dsc-200\)/],
  [{ seeds: '0' }, /--seeds: expected/],
])('%o is refused', async (flags, message) => {
  await expect(performPower({ ...FLAGS, ...flags }, SIDE)).rejects.toThrow(message);
});

test('a rate that cannot be offered is refused before anything runs', async () => {
  const pool = fakePool();
  await expect(powerTrials(pool, { ...FLAGS, rate: '100M' }, model, 1)).rejects.toThrow(
    /--rate: expected at most/,
  );
  expect(pool.asked).toEqual([]);
});
