import type { CpsFlags } from '../cli/cps-options.js';
import { buildTrialBed } from '../cli/trial-bed.js';
import type { CpsTrialOptions } from '../cli/trial-options.js';
import { monotonicNs } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed } from '../core/testbed.js';
import { createTcpGenerator, frameBytesOf, type TcpGenerator } from '../generators/tcp-generator.js';
import type { Reading } from './figure.js';
import { cpsOptions } from './flags.js';
import { buildSwitches } from './switches.js';

export const SIMULATION_PATHS = [
  'loopback',
  'switches',
  'solo',
  'pair-unreplicated',
  'pair',
  'pair-table4',
] as const;

/** How far packets go: each path is the one before it and one thing more. */
export type SimulationPath = (typeof SIMULATION_PATHS)[number];

export interface SimulationOptions {
  /** Virtual time that is measured, after the warm-up. */
  durationMs: number;
  /** Virtual time before it: engines compile, queues and tables come to be. */
  warmUpMs: number;
}

export const SIMULATION_SIZE: SimulationOptions = { durationMs: 300, warmUpMs: 50 };
export const SIMULATION_SMOKE: SimulationOptions = { durationMs: 2, warmUpMs: 1 };

const FLAGS: Record<SimulationPath, Partial<CpsFlags>> = {
  loopback: { target: 'loopback://', acl: 'none' },
  // The cards are left out below.
  switches: { target: 'card://solo', acl: 'none' },
  solo: { target: 'card://solo', acl: 'none' },
  'pair-unreplicated': { acl: 'none', replication: 'off' },
  pair: { acl: 'none' },
  'pair-table4': {},
};

const POOL_PACKET_COUNT = 65_536;
/** As the command line runs the engine: some tens of milliseconds of work at a time. */
const CONNECTIONS_PER_SLICE = 20_000;

/** Packets that one thread simulates per second of its own time, 3M CPS offered under the virtual clock. */
export async function benchSimulation(
  path: SimulationPath,
  { durationMs, warmUpMs }: SimulationOptions,
): Promise<Reading> {
  const endMs = warmUpMs + durationMs;
  const options = cpsOptions({ ...FLAGS[path], duration: `${endMs}ms` });
  const { testbed, generator } = path === 'switches' ? buildSwitchesBed(options) : await buildBed(options);
  const sliceNs = (CONNECTIONS_PER_SLICE / options.rateCps) * 1e9;
  const runTo = (fromNs: number, untilNs: number) => {
    for (let nowNs = fromNs; nowNs < untilNs; ) {
      nowNs = Math.min(untilNs, nowNs + sliceNs);
      testbed.exports.engineRun(picoseconds(nowNs));
    }
  };
  runTo(0, warmUpMs * 1e6);
  const sentBefore = generator.read().sent;
  const startedNs = monotonicNs();
  runTo(warmUpMs * 1e6, endMs * 1e6);
  const elapsedNs = Number(monotonicNs() - startedNs);
  const counted = generator.read();
  const packets = counted.sent - sentBefore;
  return {
    figures: [
      { name: 'simulated packets', unit: 'packets/s', value: (packets * 1e9) / elapsedNs },
      { name: 'time per packet', unit: 'ns', value: elapsedNs / packets },
    ],
    deterministic: {
      sent: counted.sent,
      delivered: counted.delivered,
      completed: counted.completed,
      dropped: testbed.drops().reduce((sum, { count }) => sum + count, 0),
      inFlight: testbed.inFlight(),
    },
  };
}

interface Bed {
  testbed: Testbed;
  generator: TcpGenerator;
}

function buildBed(options: CpsTrialOptions): Promise<Bed> {
  return buildTrialBed(loadDataPlane(), options, { signal: new AbortController().signal });
}

function buildSwitchesBed({ profile, model, durationNs, seed }: CpsTrialOptions): Bed {
  const testbed = new Testbed(loadDataPlane(), {
    packetCount: POOL_PACKET_COUNT,
    frameBytesMax: frameBytesOf(profile),
  });
  const target = buildSwitches(testbed, { model, fnicCount: profile.fnicCount });
  const generator = createTcpGenerator(testbed, target, { profile, durationNs, random: new Random(seed) });
  return { testbed, generator };
}
