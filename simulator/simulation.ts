import type { DataPlane } from '../core/dataplane-module.js';
import { Random } from '../core/random.js';
import { picoseconds } from '../core/testbed.js';
import { ControlPlane } from '../targets/fabric/control-plane.js';
import type { Fabric } from '../targets/fabric/fabric.js';
import type { FaultAction } from '../targets/scenario.js';
import { tunnelEndsOf } from '../targets/underlay.js';
import { Appliance } from './appliance.js';
import { type SimulationCase, TOR_COUNT } from './case.js';
import type { SimulatedAction } from './faults.js';
import { FrameFormat } from './frames.js';
import { Hosts } from './hosts.js';
import { checkAtEnd, checkQuiet, checkTraffic, type Violation } from './invariants.js';
import { Oracle } from './oracle.js';
import { type Roles, watchRoles } from './roles.js';

/** Hosts see what has come for them so often, while anything is under way. */
const QUANTUM_NS = 1e6;
const MS = 1e6;

export interface Outcome {
  violations: Violation[];
  /** Virtual. */
  durationNs: number;
  packets: number;
  connections: number;
}

/** What a run is made in; tests put faulty parts in place of whole ones. */
export interface SimulationParts {
  dataPlane: DataPlane;
  wrapFabric?(fabric: Fabric): Fabric;
}

/** One case played from its start to empty tables. */
export class Simulation {
  readonly appliance: Appliance;
  readonly control: ControlPlane;
  readonly hosts: Hosts;
  readonly oracle: Oracle;
  readonly roles: Roles;
  /** When each version of the policies came into force at the first card, and at the last one. */
  readonly policyTimes: { firstNs: number; lastNs: number }[] = [{ firstNs: 0, lastNs: 0 }];
  /** Of the policies, by card. */
  private readonly versions: number[] = [];
  private readonly format: FrameFormat;
  private readonly entries: number[][];
  nowNs = 0;

  constructor(
    readonly given: SimulationCase,
    { dataPlane, wrapFabric = (fabric) => fabric }: SimulationParts,
  ) {
    this.appliance = new Appliance(dataPlane, given);
    const { fabric, roles } = watchRoles(this.appliance.fabric, () => this.nowNs);
    this.roles = roles;
    const random = new Random(given.seed).fork('run');
    this.entries = Array.from({ length: given.fnicCount }, () =>
      Array.from({ length: TOR_COUNT }, (_, tor) => tor),
    );
    this.control = new ControlPlane({
      fabric: wrapFabric(fabric),
      timing: given.model.control,
      random: random.fork('control'),
      clockRates: given.clocks.map(({ rate }) => rate),
      setEntry: (fnic, tor, entry) => {
        (this.entries[fnic] as number[])[tor] = entry;
      },
    });
    this.format = new FrameFormat(given.encapsulation, this.appliance.firstVni, tunnelEndsOf);
    this.oracle = new Oracle(given.flows);
    this.hosts = new Hosts({
      ...{ plans: given.flows, timing: given.hostTiming, random: random.fork('hosts') },
      send: (plan, segment, atNs) => {
        const tor = this.entries[plan.fnic]?.[plan.tor] as number;
        this.appliance.send(this.format.write(plan, segment), tor, atNs);
      },
    });
    for (const { atNs, action } of given.events) this.control.schedule.at(atNs, () => this.act(action));
  }

  play(): Outcome {
    const { given, hosts } = this;
    const { ageing } = given.model;
    this.runUntil(given.healNs);
    this.heal();
    // Two rounds of it: the trial connections are opened in between.
    this.runUntil(given.healNs + given.settleNs + 60 * MS);
    const patienceNs = this.nowNs + 2 * given.hostTiming.giveUpNs;
    while (hosts.busyCount > 0 && this.nowNs < patienceNs) this.runUntil(this.nowNs + 10 * MS);
    const violations = checkQuiet(this);
    hosts.drain();
    this.runUntil(this.nowNs + 100 * MS);
    while (hosts.busyCount > 0 && this.nowNs < patienceNs + 2 * given.hostTiming.giveUpNs)
      this.runUntil(this.nowNs + 10 * MS);
    const longestMs = Math.max(ageing.establishedIdleMs, ageing.halfOpenIdleMs, ageing.closedLingerMs);
    this.runUntil(this.nowNs + (1.02 * longestMs + 2 * ageing.sweepPeriodMs + 60) * MS);
    violations.push(...checkTraffic(this), ...checkAtEnd(this));
    return {
      violations,
      durationNs: this.nowNs,
      packets: this.appliance.sent,
      connections: given.flows.length,
    };
  }

  private runUntil(untilNs: number): void {
    const { hosts, control, appliance } = this;
    const { exports } = appliance.testbed;
    while (this.nowNs < untilNs) {
      const isQuiet = appliance.testbed.inFlight() === 0;
      const lookNs = isQuiet ? Math.max(hosts.schedule.nextNs, this.nowNs) + 1 : this.nowNs;
      const nextNs = Math.min(untilNs, control.schedule.nextNs, lookNs + QUANTUM_NS);
      hosts.schedule.run(nextNs);
      exports.engineRun(picoseconds(nextNs));
      control.schedule.run(nextNs);
      for (const { frame, arrivalPs } of appliance.takeDelivered()) {
        const delivery = this.format.read(frame, arrivalPs, this.given.flows);
        if (delivery === undefined) continue;
        this.oracle.see(delivery);
        hosts.receive(delivery);
      }
      this.nowNs = nextNs;
    }
  }

  private act(action: SimulatedAction): void {
    switch (action.kind) {
      case 'impair':
      case 'calm':
      case 'fill':
      case 'empty':
        this.appliance.act(action);
        break;
      case 'policy':
        this.changePolicies(action.staggerNs);
        break;
      default:
        this.control.act(action);
    }
  }

  /** Each card hears of the next version of the policies at a time of its own. */
  private changePolicies(staggerNs: number): void {
    const { schedule } = this.control;
    const version = this.policyTimes.length;
    const { nowNs } = schedule;
    this.policyTimes.push({ firstNs: nowNs, lastNs: nowNs + staggerNs });
    for (const card of this.appliance.cards.keys()) {
      const share = card / Math.max(1, this.given.cardCount - 1);
      schedule.at(nowNs + Math.round(staggerNs * share), () => {
        // Word of a later version may have come before.
        if ((this.versions[card] ?? 0) < version) this.appliance.setPolicy(card, version);
        this.versions[card] = Math.max(this.versions[card] ?? 0, version);
      });
    }
  }

  /** Mends whatever is broken. */
  private heal(): void {
    const { cardCount } = this.given;
    const tors = Array.from({ length: TOR_COUNT }, (_, tor) => tor);
    const cards = Array.from({ length: cardCount }, (_, card) => card);
    const actions: FaultAction[] = [
      { kind: 'unmute', tors },
      { kind: 'join', cables: tors.flatMap((tor) => cards.map((card) => ({ tor, card }))) },
      { kind: 'revive', nodes: tors.map((index) => ({ node: 'tor' as const, index })) },
      { kind: 'revive', nodes: cards.map((index) => ({ node: 'card' as const, index })) },
      { kind: 'resumeController' },
    ];
    for (const action of actions) this.control.act(action);
    this.appliance.act({ kind: 'calm' });
    for (const card of cards) this.appliance.act({ kind: 'empty', card });
  }
}
