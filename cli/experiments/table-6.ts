import { parseDurationNs, parseRate } from '../../core/units.js';
import { type Deviation, deviationOf } from '../../results/paper/deviation.js';
import { paperNumber } from '../../results/paper/reference.js';
import type { Result } from '../../results/result.js';
import { parseSeed } from '../cps-options.js';
import { parseRepeatCount } from '../repeat-count.js';
import type { TrialPool } from '../sweep/trial-pool.js';
import { prepareTrial, type TrialSpec } from '../sweep/trial-spec.js';
import { isValid } from './invalid-trials.js';

export interface Table6Flags {
  rate: string;
  /** Of a run; 60 s, with `quick` 6 s. */
  duration?: string;
  /** Runs of each scenario; 3, with `quick` 1. */
  repeat?: string;
  seed: string;
  quick: boolean;
  model: string;
  replication: string;
}

export interface Table6 {
  table: '6';
  rateCps: number;
  durationNs: number;
  seeds: number[];
  model: string;
  replication: boolean;
  /** Runs go on for long enough after the event that connections which lost their way have given up. */
  showsBroken: boolean;
  /** The rate is the paper's, with replication: shares of all packets may stand beside its own. */
  isPaperSize: boolean;
  /** Runs are of the paper's length, or lose in their outages only, which are over: shares can be those of 60 s. */
  isPaperLength: boolean;
  /** Runs are not of the paper's length, and shares are derived: what a run lost, of all that is sent in 60 s at its rate. Nothing is lost but around the event. */
  isScaled: boolean;
  scenarios: Table6Scenario[];
  /** What SONiC DASH asks besides, and what measures it. */
  measuredElsewhere: { asked: string; command: string }[];
}

export interface Table6Scenario {
  name: string;
  /** As the paper's numbers name it. */
  paperKey: string;
  label: string;
  title: string;
  rows: Table6Row[];
  /** In a run, packets were lost still at its end: how long that outage would be, it does not tell. */
  outageMayGoOn: boolean;
  /** What SONiC DASH asks of such an event, and whether every run met it. */
  bars: DashBar[];
  runIds: string[];
}

/** One quantity of a scenario: the median over runs, and its range. */
export interface Table6Row {
  quantity: Table6Quantity;
  unit: string;
  /** By its id in the reference. */
  paperId?: string;
  paper?: number;
  ours: number;
  low: number;
  high: number;
  /** The values are derived for runs of 60 s. */
  isScaled: boolean;
  /** Of each run. */
  values: number[];
  /** Absent where run and paper's run are not of one size. */
  deviation?: Deviation;
}

export type Table6Quantity = (typeof QUANTITIES)[number]['key'];

export interface DashBar {
  asked: string;
  got: string;
  isMet: boolean;
}

/** The profile's time-out of 5 s; the last packets are lost 0.1 s after the event, and timers are coarse. */
const GIVEN_UP_NS = 5.3e9;
/** Of a run, no event comes before this share. */
const SETTLED_SHARE = 0.1;
const PAPER_DURATION_S = 'fault-duration';
/** Packets lost over packets lost in outages: above it, a load is lost all the time, and more in a longer run. */
const LOST_OVER_OUTAGES_MAX = 1.05;
const FULL = { duration: '60s', repeat: '3' };
const QUICK = { duration: '6s', repeat: '1' };

const SCENARIOS = [
  {
    name: 'planned-switchover',
    paperKey: 'switchover',
    label: '(a)',
    title: 'planned switchover',
    replay: 'naive-switchover-resets',
  },
  {
    name: 'tor1-links-down',
    paperKey: 'tor-down',
    label: '(b)',
    title: "ToR1's links to both cards down",
    replay: undefined,
  },
  {
    name: 'card1-down',
    paperKey: 'card-down',
    label: '(c)',
    title: "Card1's links to both ToRs down",
    replay: 'unreplicated-card-down-resets',
  },
] as const;

type ScenarioOf = (typeof SCENARIOS)[number];

/** `paper`: the id of its number, if it has one for this scenario. `isShare`: of all packets or connections, so that it hangs on how long a run is. */
const QUANTITIES = [
  {
    key: 'flows-broken',
    unit: 'flows',
    isShare: false,
    paper: (of: ScenarioOf) => `fault-${of.paperKey}-flow-breaks`,
    value: ({ measured }: Result) => measured.connections.broken.total,
  },
  {
    key: 'broken-share',
    unit: 'fraction',
    isShare: false,
    paper: (of: ScenarioOf) => of.replay,
    value: brokenOfUnderWay,
  },
  {
    key: 'lost',
    unit: 'fraction',
    isShare: true,
    paper: (of: ScenarioOf) => `fault-${of.paperKey}-dropped`,
    value: ({ measured: { packets } }: Result) => share(packets.dropped.total, packets.sent),
  },
  {
    key: 'lost-at-cards',
    unit: 'fraction',
    isShare: true,
    paper: (of: ScenarioOf) => `fault-${of.paperKey}-dropped-at-cards`,
    value: ({ measured: { packets } }: Result) => share(packets.dropped.atCards, packets.sent),
  },
  {
    key: 'lost-next-hop-down',
    unit: 'fraction',
    isShare: true,
    paper: () => undefined,
    value: lostNextHopDown,
  },
  {
    key: 'recovery',
    unit: 'ns',
    isShare: false,
    paper: (of: ScenarioOf) => `fault-${of.paperKey}-recovery`,
    value: ({ measured }: Result) => total(measured.faults ?? [], ({ recoveryNs }) => recoveryNs),
  },
  { key: 'outage', unit: 'ns', isShare: false, paper: () => undefined, value: outageNs },
  // The footnote stands in the paragraph on (c), but its shares are two and four sixths of what (a) loses: see the reference.
  {
    key: 'syn-again',
    unit: 'fraction',
    isShare: true,
    paper: (of: ScenarioOf) => (of.label === '(a)' ? 'fault-syn-retransmitted' : undefined),
    value: ({ measured: { connections } }: Result) =>
      share(connections.retransmitted.syn, connections.attempted),
  },
  {
    key: 'fin-again',
    unit: 'fraction',
    isShare: true,
    paper: (of: ScenarioOf) => (of.label === '(a)' ? 'fault-fin-retransmitted' : undefined),
    value: ({ measured: { connections } }: Result) =>
      share(connections.retransmitted.fin, connections.attempted),
  },
] as const;

/**
 * Runs the three scenarios of Table 6.
 * @throws SiriusError (usage) for flags that are wrong, before anything runs.
 */
export async function runTable6(pool: Pick<TrialPool, 'run'>, flags: Table6Flags): Promise<Table6> {
  const asked = flags.quick ? QUICK : FULL;
  const duration = flags.duration ?? asked.duration;
  const durationNs = parseDurationNs(duration, { where: '--duration' });
  const rateCps = parseRate(flags.rate, { where: '--rate', units: ['cps'] }).value;
  const firstSeed = parseSeed(flags.seed);
  const count = parseRepeatCount(flags.repeat ?? asked.repeat);
  const seeds = Array.from({ length: count }, (_, index) => firstSeed + index);
  const { model, replication, rate } = flags;
  const at = `${eventNs(durationNs)}ns`;
  const specs = SCENARIOS.map(({ name }) =>
    seeds.map(
      (seed): TrialSpec => ({
        command: 'faults',
        flags: { scenario: name, rate, duration, at, model, replication, seed: String(seed) },
      }),
    ),
  );
  for (const spec of specs.flat()) prepareTrial(spec);
  const results = await Promise.all(specs.map((ofOne) => Promise.all(ofOne.map((spec) => pool.run(spec)))));
  return table6Of(
    results.map((ofOne) => ofOne.filter(isValid)),
    {
      ...{ rateCps, durationNs, seeds, model },
      replication: replication !== 'off',
    },
  );
}

/** How many runs the flags ask for. */
export function table6RunCount({ repeat, quick }: Pick<Table6Flags, 'repeat' | 'quick'>): number {
  return SCENARIOS.length * parseRepeatCount(repeat ?? (quick ? QUICK : FULL).repeat);
}

/** When the event comes: after a third of a run, or earlier where that lets who lost his way give up before the end. */
export function eventNs(durationNs: number): number {
  const third = Math.floor(durationNs / 3);
  const latest = durationNs - GIVEN_UP_NS;
  return latest >= durationNs * SETTLED_SHARE ? Math.min(third, latest) : third;
}

/** The table of results that there are: those of each scenario, in the paper's order. One without a valid run has no rows. */
export function table6Of(
  results: readonly (readonly Result[])[],
  settings: Pick<Table6, 'rateCps' | 'durationNs' | 'seeds' | 'model' | 'replication'>,
): Table6 {
  const { rateCps, durationNs, replication } = settings;
  const isPaperSize = replication && rateCps === paperNumber('fault-cps').stated.value;
  const lengthRatio = durationNs / (paperNumber(PAPER_DURATION_S).stated.value * 1e9);
  // An outage that may go on may cost more in a longer run.
  const losesInOutagesOnly = results.flat().every((run) => isLostInOutages(run) && !mayGoOn(run));
  const isPaperLength = lengthRatio === 1 || losesInOutagesOnly;
  const isScaled = replication && lengthRatio !== 1 && losesInOutagesOnly;
  const shareScale = isScaled ? lengthRatio : 1;
  const showsBroken = durationNs - eventNs(durationNs) >= GIVEN_UP_NS;
  const scenarios = SCENARIOS.map((scenario, place): Table6Scenario => {
    const runs = results[place] ?? [];
    const { name, paperKey, label, title } = scenario;
    return {
      ...{ name, paperKey, label, title, outageMayGoOn: runs.some(mayGoOn) },
      rows:
        runs.length === 0
          ? []
          : rowsOf(scenario, runs, { isPaperSize, isPaperLength, replication, showsBroken, shareScale }),
      bars: runs.length === 0 ? [] : [dashBar(scenario, runs)],
      runIds: runs.map(({ id }) => id),
    };
  });
  return {
    ...{ table: '6', ...settings, isPaperSize, isPaperLength, isScaled, showsBroken, scenarios },
    measuredElsewhere: MEASURED_ELSEWHERE,
  };
}

type RowSettings = Pick<Table6, 'isPaperSize' | 'isPaperLength' | 'replication' | 'showsBroken'> & {
  shareScale: number;
};

function rowsOf(
  scenario: ScenarioOf,
  runs: readonly Result[],
  { isPaperSize, isPaperLength, replication, showsBroken, shareScale }: RowSettings,
): Table6Row[] {
  // Shares of broken connections are what the paper says of a pair that does not replicate; all else is of one that does.
  return QUANTITIES.filter(({ key }) => key !== 'broken-share' || !replication).map((quantity): Table6Row => {
    const scale = quantity.isShare ? shareScale : 1;
    const values = runs.map((run) => quantity.value(run) * scale);
    const sorted = [...values].sort((one, other) => one - other);
    const [low = 0] = sorted;
    const ours = median(sorted);
    const isOfPaper = quantity.key === 'broken-share' || replication;
    const paperId = isOfPaper ? quantity.paper(scenario) : undefined;
    const { key, unit, isShare } = quantity;
    const isBroken = key === 'flows-broken' || key === 'broken-share';
    const isAtLeast = key === 'recovery' && runs.some(mayGoOn);
    const isScaled = isShare && shareScale !== 1;
    const row = { quantity: key, unit, ours, low, high: sorted.at(-1) ?? low, isScaled, values };
    if (paperId === undefined) return row;
    const number = paperNumber(paperId);
    return {
      ...row,
      ...{ paperId, paper: number.stated.value },
      ...((isShare && !(isPaperSize && isPaperLength)) || (isBroken && !showsBroken) || isAtLeast
        ? {}
        : { deviation: deviationOf(number, ours) }),
    };
  });
}

/** DASH's bar for the state of a whole card: `bench/` measures it, with 32M connections. */
const MEASURED_ELSEWHERE = [
  { asked: 'bulk synchronisation of a card within 1 min', command: 'npm run bench -- --only bulk-sync' },
];

/** SONiC's SmartSwitch HA design, section 3.1: "0 downtime on planned switchover", "<2 sec downtime on failover". */
const FAILOVER_NS_MAX = 2e9;

function dashBar({ label }: ScenarioOf, runs: readonly Result[]): DashBar {
  if (label !== '(a)') {
    const longestNs = Math.max(...runs.map(outageNs));
    const isOver = !runs.some(mayGoOn);
    return {
      asked: 'failover under 2 s',
      got: `${(longestNs / 1e6).toFixed(1)} ms${isOver ? '' : ' and more: packets were lost still at the end'}`,
      isMet: isOver && longestNs < FAILOVER_NS_MAX,
    };
  }
  const most = (value: (result: Result) => number) => Math.max(...runs.map(value));
  const lost = most(({ measured }) => measured.packets.dropped.atCards);
  const twice = most(({ measured }) => measured.endpoints?.duplicatedPackets ?? 0);
  const late = most(({ measured }) => measured.endpoints?.reorderedPackets ?? 0);
  return {
    asked: 'switchover: nothing lost, duplicated or reordered by cards',
    got: `${lost} lost, ${twice} duplicated, ${late} reordered`,
    isMet: lost + twice + late === 0,
  };
}

function brokenOfUnderWay({ measured }: Result): number {
  const underWay = measured.faults?.[0]?.flows.underWay ?? 0;
  return share(measured.connections.broken.total, underWay);
}

function lostNextHopDown({ measured: { packets, faults = [] } }: Result): number {
  const lost = faults.flatMap(({ packetsLost }) =>
    packetsLost.byPlace.filter(({ place, reason }) => place.startsWith('card') && reason === 'linkDown'),
  );
  return share(
    total(lost, ({ count }) => count),
    packets.sent,
  );
}

function outageNs({ measured: { faults = [] } }: Result): number {
  return Math.max(0, ...faults.map(({ outageNs }) => outageNs));
}

function isLostInOutages({ measured: { packets, faults = [] } }: Result): boolean {
  const inOutages = total(faults, ({ packetsLost }) => packetsLost.inOutage ?? packetsLost.total);
  return packets.dropped.total <= inOutages * LOST_OVER_OUTAGES_MAX;
}

function mayGoOn({ measured: { faults = [] } }: Result): boolean {
  return faults.some(({ outageMayGoOn }) => outageMayGoOn === true);
}

function share(part: number, all: number): number {
  return all === 0 ? 0 : part / all;
}

function total<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

function median(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
