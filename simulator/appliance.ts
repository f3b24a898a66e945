import {
  CAPTURE_HEADER_BYTES,
  IMPAIRMENT_COUNTER_COUNT,
  ImpairmentCounter,
} from '../core/dataplane/contract.js';
import type { DataPlane } from '../core/dataplane-module.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed } from '../core/testbed.js';
import { powerState } from '../sirius-card/model.js';
import { impair, NO_HARM } from '../targets/cable.js';
import type { Fabric } from '../targets/fabric/fabric.js';
import { layOutPolicy } from '../targets/policies.js';
import { type BuiltCard, type BuiltTarget, buildTarget } from '../targets/target.js';
import type { SimulationCase } from './case.js';
import type { HarmPlace, SimulatedAction } from './faults.js';
import { FRAME_BYTES_MAX } from './frames.js';
import { POLICY_KIND_COUNT, policyOf } from './policy.js';

const FIRST_VNI = 10_000;
const PACKET_COUNT = 4096;
/** Packets that come to hosts between two looks. */
const DELIVERED_COUNT_MAX = 4096;
const PICOSECONDS_PER_MILLISECOND = 1e9;

/** A packet as it came to the hosts. */
export interface Delivered {
  frame: Uint8Array;
  arrivalPs: bigint;
}

/** The cards and ToRs of a case, laid out in a data plane, with hosts' ports that a control plane reads and writes. */
export class Appliance {
  readonly testbed: Testbed;
  readonly fabric: Fabric;
  readonly cards: readonly BuiltCard[];
  sent = 0;
  delivered = 0;
  private readonly target: BuiltTarget;
  private readonly sinks: { app: number; records: number; slotBytes: number }[];
  private readonly scratch: Uint8Array;
  private readonly scratchAddress: number;
  /** Images by version, then by kind of fNIC. */
  private readonly policies: number[][];

  constructor(
    dataPlane: DataPlane,
    private readonly given: SimulationCase,
  ) {
    const { exports } = dataPlane;
    this.testbed = new Testbed(dataPlane, { packetCount: PACKET_COUNT, frameBytesMax: FRAME_BYTES_MAX });
    const seeds = new Random(given.seed).fork('impairments');
    this.target = buildTarget(
      this.testbed,
      { scheme: 'card', host: 'appliance', cardCount: given.cardCount, url: 'card://appliance' },
      {
        model: given.model,
        powerState: powerState(given.model, 78),
        modelledTime: true,
        fnicCount: given.fnicCount,
        firstVni: FIRST_VNI,
        encapsulation: given.encapsulation,
        acls: [],
        replication: true,
        flowCapacity: given.flowCapacity,
        seed: given.seed,
        impairmentSeed: () => seeds.nextU64(),
      },
    );
    this.fabric = this.target.fabric as Fabric;
    this.cards = this.target.cards;
    this.sinks = this.target.ports.map(({ fromTarget }) => this.addSink(fromTarget));
    this.scratchAddress = exports.arenaAllocate(FRAME_BYTES_MAX);
    this.policies = given.policies.map((kinds) =>
      kinds.map((words) => layOutPolicy(this.testbed, policyOf(words))),
    );
    this.scratch = new Uint8Array(dataPlane.memory.buffer, this.scratchAddress, FRAME_BYTES_MAX);
    for (const [card, { rate, startMs }] of given.clocks.entries()) {
      exports.cardSetClock(
        this.appOf(card),
        BigInt(Math.round(rate * PICOSECONDS_PER_MILLISECOND)),
        startMs | 0,
      );
      this.setPolicy(card, 0);
    }
  }

  /** Virtual network of an fNIC is this and its number. */
  get firstVni(): number {
    return FIRST_VNI;
  }

  appOf(card: number): number {
    return (this.cards[card] as BuiltCard).app;
  }

  /** Sends a frame into a ToR. */
  send(frame: Uint8Array, tor: number, atNs: number): void {
    const { exports, pool } = this.testbed;
    const port = this.target.ports[tor];
    if (port === undefined) return;
    this.scratch.set(frame);
    this.sent++;
    exports.linkInject(pool, port.toTarget, this.scratchAddress, frame.length, picoseconds(atNs));
  }

  /** What has come to the hosts since it was last asked, in order of arrival. */
  takeDelivered(): Delivered[] {
    const taken = this.sinks.flatMap((sink) => this.takeFrom(sink));
    this.delivered += taken.length;
    return taken.sort((a, b) => Number(a.arrivalPs - b.arrivalPs));
  }

  /** Judges new connections of a card's fNICs by a version of their policies. */
  setPolicy(card: number, version: number): void {
    for (let fnic = 0; fnic < this.given.fnicCount; fnic++) {
      const image = this.policies[version]?.[fnic % POLICY_KIND_COUNT] as number;
      this.testbed.exports.cardSetPolicy(this.appOf(card), fnic, image);
    }
  }

  /** Does what only a simulator does to cards and cables. */
  act(action: Extract<SimulatedAction, { kind: 'impair' | 'calm' | 'fill' | 'empty' }>): void {
    const { exports } = this.testbed;
    switch (action.kind) {
      case 'impair':
        for (const app of this.impairmentsAt(action.places)) impair(this.testbed, app, action.harm);
        return;
      case 'calm':
        for (const app of this.impairmentsAt('all')) impair(this.testbed, app, NO_HARM);
        return;
      case 'fill': {
        const { table } = this.cards[action.card] as BuiltCard;
        exports.flowTableSetCapacity(table, exports.flowTableCount(table) + action.room);
        return;
      }
      default:
        exports.flowTableSetCapacity((this.cards[action.card] as BuiltCard).table, this.given.flowCapacity);
    }
  }

  /** Packets that cables made two of. */
  duplicated(): number {
    const { exports } = this.testbed;
    return this.impairmentsAt('all')
      .map((app) => this.testbed.counters(exports.impairmentCounters(app), IMPAIRMENT_COUNTER_COUNT))
      .reduce((sum, counters) => sum + Number(counters[ImpairmentCounter.duplicated]), 0);
  }

  private impairmentsAt(places: HarmPlace[] | 'all'): number[] {
    const { uplinks, cables } = this.target.impairments ?? { uplinks: [], cables: [] };
    if (places === 'all') return [...uplinks, ...cables.flat()];
    return places.map(({ tor, card }) =>
      card === undefined ? (uplinks[tor] as number) : (cables[tor]?.[card] as number),
    );
  }

  private addSink(link: number): { app: number; records: number; slotBytes: number } {
    const { testbed } = this;
    const { exports } = testbed;
    const app = exports.sinkCreate(testbed.pool, testbed.addPlace('hosts', 'generator'), link);
    const records = exports.sinkRecord(app, DELIVERED_COUNT_MAX, FRAME_BYTES_MAX);
    testbed.addApp(app);
    return { app, records, slotBytes: exports.sinkSlotSize(app) };
  }

  private takeFrom({ app, records, slotBytes }: { app: number; records: number; slotBytes: number }) {
    const { exports, dataPlane } = this.testbed;
    const count = exports.sinkTakeRecorded(app);
    if (count === 0) return [];
    const view = new DataView(dataPlane.memory.buffer, records, count * slotBytes);
    return Array.from({ length: count }, (_, index): Delivered => {
      const at = index * slotBytes;
      const frame = new Uint8Array(
        dataPlane.memory.buffer,
        records + at + CAPTURE_HEADER_BYTES,
        view.getUint32(at + 12, true),
      );
      return { frame, arrivalPs: view.getBigInt64(at, true) };
    });
  }
}
