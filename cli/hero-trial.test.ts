import { describe, expect, test } from 'vitest';
import { heroCriteria } from '../results/hero/criteria.js';
import { checkLedger } from '../results/ledger.js';
import { parseResult, type Result } from '../results/result.js';
import { buildHeroOptions, DEFAULT_HERO_FLAGS } from './hero-options.js';
import { runHeroTrial } from './hero-trial.js';
import type { CpsTrialOptions } from './trial-options.js';

// The hero test a hundred times faster and ten thousand times smaller: 49 ms between refreshes, flows idle for 50 ms.

const REFRESH_NS = 49e6;

interface Change {
  background?: Partial<NonNullable<CpsTrialOptions['background']>>;
  ageing?: Partial<CpsTrialOptions['model']['ageing']>;
  options?: Partial<CpsTrialOptions>;
  rate?: string;
}

function smallOptions({
  background = {},
  ageing = {},
  options = {},
  rate = '300k',
}: Change): CpsTrialOptions {
  const built = buildHeroOptions({ ...DEFAULT_HERO_FLAGS, acl: 'none', duration: '60ms', rate });
  const { model, profile } = built;
  if (built.background === undefined) throw new Error('the scale has a background');
  return {
    ...built,
    background: {
      ...built.background,
      ...{ tcpFlowCount: 1500, udpFlowCount: 1000, refreshNs: REFRESH_NS, learnPps: 30e3 },
      ...background,
    },
    profile: {
      ...profile,
      tcp: { ...profile.tcp, finTimeoutNs: 2e6, synTimeoutNs: 2e6, connectionTimeoutNs: 30e6 },
    },
    model: {
      ...model,
      ageing: {
        ...{ establishedIdleMs: 50, halfOpenIdleMs: 50, closedLingerMs: 5, sweepPeriodMs: 1 },
        ...ageing,
      },
    },
    ...options,
  };
}

async function run(
  change: Change = {},
  signal = new AbortController().signal,
  onStage = (_: string) => {},
): Promise<Result> {
  const { result } = await runHeroTrial(smallOptions(change), {
    onProgress: ({ stage }) => onStage(stage ?? 'measuring'),
    signal,
  });
  return result;
}

const failures = (result: Result) =>
  heroCriteria(result)
    .filter(({ isMet }) => !isMet)
    .map(({ id }) => id);

describe('a hero trial', () => {
  test('meets what DASH asks of it, and keeps its books', async () => {
    const result = await run();
    expect(result).toMatchObject({ kind: 'hero', verdict: 'valid', interrupted: false });
    expect(failures(result)).toEqual([]);
    const { measured } = result;
    expect(measured.background).toMatchObject({
      learned: 2500,
      aliveAtEnd: 2500,
      learningNs: 2 * REFRESH_NS,
    });
    expect(measured.connections).toMatchObject({ attempted: 18_000, completed: 18_000, open: 0 });
    expect(measured.packets).toMatchObject({ inFlight: 0, unexpected: 0 });
    expect(checkLedger(measured)).toEqual([]);
    // Six packets a connection; 2500 flows in both directions every 49 ms.
    expect(measured.offered.pps).toBeCloseTo(300e3 * 6 + (2 * 2500) / 0.049, -4);
    expect(() => parseResult(JSON.parse(JSON.stringify(result)), 'result.json')).not.toThrow();
  });

  test('has a series of its duration, whatever came in when that was over', async () => {
    const { measured } = await run({ options: { durationNs: 60.5e6 } });
    const { completedConnections, offeredConnections } = measured.series;
    expect(offeredConnections).toHaveLength(61);
    const completed = completedConnections.reduce((sum, count) => sum + count, 0);
    expect(completed / 60.5e-3).toBeCloseTo(measured.achieved.cps, 3);
    expect(completed).toBeLessThan(measured.connections.completed);
  });

  test('measures the same twice', async () => {
    expect((await run()).measured.hash).toBe((await run()).measured.hash);
  });

  test.each<[string, Change, string[]]>([
    [
      'flows that age before they are refreshed',
      { ageing: { establishedIdleMs: 20 } },
      ['packets', 'background'],
    ],
    ['more connections than the cards can open', { rate: '6M' }, ['packets', 'connections']],
  ])('tells of %s', async (_case, change, expected) => {
    const result = await run(change);
    expect(failures(result)).toEqual(expect.arrayContaining(expected));
    expect(checkLedger(result.measured)).toEqual([]);
  });

  test('is invalid when the background was not learned whole', async () => {
    const result = await run({ background: { udpFlowCount: 100_000, learnPps: 1e9, refreshNs: 10e6 } });
    expect(result.verdict).toBe('invalid');
    expect(result.invalidReasons.join()).toMatch(/[\d,]+ background flows were not learned/);
    expect(failures(result)).toContain('background');
  });

  test('has no background where its scale has none', async () => {
    const { background: _, ...options } = smallOptions({});
    const { result } = await runHeroTrial(options, {
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    expect(result.measured.background).toBeUndefined();
    expect(heroCriteria(result).map(({ id }) => id)).toEqual([
      'packets',
      'connections',
      'high-water',
      'empty',
    ]);
    expect(failures(result)).toEqual([]);
  });

  test('that is ended early says so', async () => {
    const abort = new AbortController();
    const result = await run({}, abort.signal, () => abort.abort());
    expect(result.interrupted).toBe(true);
    expect(checkLedger(result.measured)).toEqual([]);
  });
});
