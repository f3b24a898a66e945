import { FlowFlag, FlowState } from '../sirius-card/dataplane/flow-layout.js';
import { type HostFlow, isUnderWay } from './hosts.js';
import { POLICY_KIND_COUNT } from './policy.js';
import { type CardRecord, readRecords } from './records.js';
import type { Simulation } from './simulation.js';
import type { FlowPlan } from './traffic.js';

/** A promise that was broken. */
export interface Violation {
  /** Which one, in a word. */
  promise:
    | 'one-primary'
    | 'copies-equal'
    | 'oracle'
    | 'poison'
    | 'age-out'
    | 'connections'
    | 'policy'
    | 'ledger'
    /** The data plane stopped, or the simulator did. */
    | 'no-trap';
  what: string;
}

const CLOCK_SKEW = 1.02;
/** Between two sweeps, and on the way of the word that a flow is over. */
const SLACK_MS = 20;

/** What must hold when every fault is mended and nobody waits for an answer any more. */
export function checkQuiet(run: Simulation): Violation[] {
  const records = readRecords(run.appliance, run.nowNs);
  const violations: Violation[] = [];
  for (let fnic = 0; fnic < run.given.fnicCount; fnic++) {
    const takers = run.roles.takers(fnic);
    violations.push(...checkRoles(run, fnic));
    const [primary] = takers;
    if (takers.length !== 1 || primary === undefined) continue;
    const own = records.filter((record) => record.fnic === fnic);
    violations.push(...checkCopies(run, { primary, records: own }));
  }
  violations.push(...checkAges(run, records), ...checkOracle(run, records), ...checkPoison(run, records));
  return violations;
}

function checkRoles({ roles, given }: Simulation, fnic: number): Violation[] {
  const takers = roles.takers(fnic);
  const broken = (what: string): Violation[] => [{ promise: 'one-primary', what: `fNIC ${fnic}: ${what}` }];
  const [primary] = takers;
  if (takers.length !== 1 || primary === undefined) return broken(`primaries are ${names(takers)}`);
  const violations: Violation[] = [];
  for (const tor of [0, 1]) {
    const route = roles.route(tor, fnic);
    if (route !== primary)
      violations.push(...broken(`tor${tor + 1} leads to ${names([route])}, primary is ${names([primary])}`));
  }
  const { peer } = roles.role(primary, fnic);
  if (peer === undefined) return [...violations, ...broken(`primary ${names([primary])} has no secondary`)];
  for (let card = 0; card < given.cardCount; card++) {
    if (card === primary) continue;
    const role = roles.role(card, fnic);
    const expected = card === peer ? primary : undefined;
    if (role.peer !== expected)
      violations.push(
        ...broken(`${names([card])} keeps copies for ${names([role.peer])}, not for ${names([expected])}`),
      );
  }
  return violations;
}

/** Both copies of an fNIC's state, but for flows that are over, which each card forgets at its own time. */
function checkCopies(
  run: Simulation,
  { primary, records }: { primary: number; records: readonly CardRecord[] },
): Violation[] {
  const fnic = records[0]?.fnic ?? 0;
  const { peer } = run.roles.role(primary, fnic);
  if (peer === undefined) return [];
  const of = (card: number) =>
    new Map(records.filter((record) => record.card === card).map((record) => [record.flow, record]));
  const [ours, copies] = [of(primary), of(peer)];
  const violations: Violation[] = [];
  for (const flow of new Set([...ours.keys(), ...copies.keys()])) {
    const [own, copy] = [ours.get(flow), copies.get(flow)];
    if (isOver(run, flow, own) || isOver(run, flow, copy)) continue;
    if (own?.isPoisoned && run.hosts.flows[flow]?.fate !== 'open') continue;
    if (own && copy && own.state === copy.state && own.initiatorIsLow === copy.initiatorIsLow) continue;
    violations.push({
      promise: 'copies-equal',
      what: `${describeFlow(run, flow)}: ${names([primary])} has ${describeRecord(own)}, ${names([peer])} has ${describeRecord(copy)}`,
    });
  }
  return violations;
}

function isOver(run: Simulation, flow: number, record: CardRecord | undefined): boolean {
  if (
    record &&
    (record.state >= FlowState.finBothInitiatorFirst || (record.flags & FlowFlag.resetSeen) !== 0)
  )
    return true;
  const fate = run.hosts.flows[flow]?.fate;
  return fate === 'over';
}

/** No record is older than its age-out; a standby's is as old as the primary's lets it be. */
function checkAges(run: Simulation, records: readonly CardRecord[]): Violation[] {
  const { ageing } = run.given.model;
  const violations: Violation[] = [];
  for (const record of records) {
    const role = run.roles.role(record.card, record.fnic);
    const isStandby = !role.takesTraffic && role.peer !== undefined;
    if (isStandby) continue;
    const limitMs = CLOCK_SKEW * timeoutMs(ageing, record) + ageing.sweepPeriodMs + SLACK_MS;
    // What a card has when it takes over counts as seen then.
    const partMs = (run.nowNs - run.roles.changedNs(record.card, record.fnic)) / 1e6;
    if (Math.min(record.idleMs, partMs) <= limitMs) continue;
    violations.push({
      promise: 'age-out',
      what: `${describeFlow(run, record.flow)}: ${describeRecord(record)} at ${names([record.card])}, idle for ${record.idleMs} ms of at most ${limitMs.toFixed(0)}`,
    });
  }
  return violations;
}

function timeoutMs(
  ageing: Simulation['given']['model']['ageing'],
  { state, flags, isPoisoned }: CardRecord,
): number {
  if (state >= FlowState.finBothInitiatorFirst || (flags & FlowFlag.resetSeen) !== 0)
    return ageing.closedLingerMs;
  const isHalfOpen = state === FlowState.synSent && (flags & (FlowFlag.ackSeen | FlowFlag.secondary)) === 0;
  if (isPoisoned || isHalfOpen) return ageing.halfOpenIdleMs;
  return ageing.establishedIdleMs;
}

/** Both copies know of each open flow what its hosts know. */
function checkOracle(run: Simulation, records: readonly CardRecord[]): Violation[] {
  const violations: Violation[] = [];
  for (const flow of run.hosts.flows) {
    if (flow.fate !== 'open') continue;
    const expected = expectedState(run, flow);
    if (expected === undefined) continue;
    const { id, fnic, isOutbound, machineAddress, networkAddress } = flow.plan;
    const [primary] = run.roles.takers(fnic);
    if (primary === undefined) continue;
    const initiatorIsLow = isOutbound === machineAddress < networkAddress;
    // When both copies were lost, a datagram of either side begins its flow anew.
    const { plan } = flow;
    const mayTurn = run.given.kind === 'multiple' && plan.protocol === 'udp';
    // Overlapping failures may leave a card that was out meanwhile, with what it knew: connections live on by that, but it has not seen all FINs.
    const mayBeBehind = run.given.kind === 'multiple' && run.roles.wasAdopted(fnic);
    for (const card of [primary, run.roles.role(primary, fnic).peer]) {
      const record = records.find((one) => one.card === card && one.fnic === fnic && one.flow === id);
      const isBehind = mayBeBehind && record?.state === FlowState.synSent && plan.protocol === 'tcp';
      if ((record?.state === expected || isBehind) && (mayTurn || record?.initiatorIsLow === initiatorIsLow))
        continue;
      violations.push({
        promise: 'oracle',
        what: `${describeFlow(run, id)}: ${names([card])} has ${describeRecord(record)}, hosts have seen ${FlowState[expected]}`,
      });
    }
  }
  return violations;
}

/** Undefined: nothing is promised of it. */
function expectedState(run: Simulation, { plan, incarnation }: HostFlow): FlowState | undefined {
  const seen = run.oracle.read(plan.id);
  if (seen?.firstDeliveredNs === undefined || seen.incarnation !== incarnation || seen.isReset)
    return undefined;
  if (plan.protocol === 'udp') return FlowState.established;
  if (seen.fins.size === 2) return undefined;
  if (seen.fins.size === 0) return FlowState.synSent;
  return seen.fins.has('initiator') ? FlowState.finFromInitiator : FlowState.finFromResponder;
}

/** Nobody's round is under way, so no record of a flow that hosts keep up says that one is. */
function checkPoison(run: Simulation, records: readonly CardRecord[]): Violation[] {
  return records
    .filter(({ isPoisoned, flow, flags }) => {
      const fate = run.hosts.flows[flow]?.fate;
      return isPoisoned && (flags & FlowFlag.resetSeen) === 0 && (fate === 'open' || fate === 'over');
    })
    .filter(({ card, fnic }) => run.roles.role(card, fnic).takesTraffic)
    .map((record) => ({
      promise: 'poison' as const,
      what: `${describeFlow(run, record.flow)}: ${describeRecord(record)} at ${names([record.card])}`,
    }));
}

/** What hosts must have got, and must not. */
export function checkTraffic(run: Simulation): Violation[] {
  const violations: Violation[] = [];
  const trialFirst = run.given.flows.length - run.given.trialFlowCount;
  for (const flow of run.hosts.flows) {
    const { plan, fate } = flow;
    const verdicts = judgements(run, flow);
    if (firstDeliveredNs(run, flow) !== undefined && !verdicts.includes(true)) {
      const what = `${describeFlow(run, plan.id)}: its first packet came through, and every policy in force denies it`;
      violations.push({ promise: 'policy', what });
    }
    const mustLive = run.given.kind !== 'multiple' || plan.id >= trialFirst;
    if (!mustLive) continue;
    if (fate === 'broken')
      violations.push({ promise: 'connections', what: `${describeFlow(run, plan.id)} broke` });
    const isRefused = fate === 'refused' || (fate === 'opening' && plan.protocol === 'udp');
    if (isRefused && !verdicts.includes(false))
      violations.push({ promise: 'connections', what: `${describeFlow(run, plan.id)} was not let through` });
  }
  return violations;
}

/** What each version says of a flow that was in force somewhere from its first packet until that came through. */
function judgements(run: Simulation, flow: HostFlow): boolean[] {
  const { plan, firstSentNs } = flow;
  const untilNs = firstDeliveredNs(run, flow) ?? run.nowNs;
  return run.policyTimes.flatMap(({ firstNs }, version) => {
    const next = run.policyTimes[version + 1];
    if (firstNs > untilNs || (next !== undefined && next.lastNs < firstSentNs)) return [];
    return [isAllowed(run, plan, version)];
  });
}

/** When the first packet of a flow's present incarnation came through. */
function firstDeliveredNs(run: Simulation, { plan, incarnation }: HostFlow): number | undefined {
  const seen = run.oracle.read(plan.id);
  return seen?.incarnation === incarnation ? seen.firstDeliveredNs : undefined;
}

function isAllowed(
  { given }: Simulation,
  { fnic, isOutbound, servicePort }: FlowPlan,
  version: number,
): boolean {
  const words = given.policies[version]?.[fnic % POLICY_KIND_COUNT];
  const denied = isOutbound ? words?.deniedOutbound : words?.deniedInbound;
  return denied?.has(servicePort) !== true;
}

/** What must hold when all connections are over and everything had time to age. */
export function checkAtEnd(run: Simulation): Violation[] {
  const { testbed } = run.appliance;
  const violations: Violation[] = readRecords(run.appliance, run.nowNs).map((record) => ({
    promise: 'age-out',
    what: `${describeFlow(run, record.flow)}: ${describeRecord(record)} at ${names([record.card])}, idle for ${record.idleMs} ms, at the end`,
  }));
  const dropped = testbed.drops().reduce((sum, { count }) => sum + count, 0);
  const { sent, delivered } = run.appliance;
  const made = sent + run.appliance.duplicated();
  const inFlight = testbed.inFlight();
  if (made !== delivered + dropped + inFlight || inFlight !== 0) {
    violations.push({
      promise: 'ledger',
      what: `sent or doubled ${made}, delivered ${delivered}, dropped ${dropped}, in flight ${inFlight}`,
    });
  }
  const control = testbed.exports.controlOutstanding();
  if (control !== 0)
    violations.push({ promise: 'ledger', what: `${control} packets between cards are still under way` });
  const open = run.hosts.flows.filter(({ fate, plan }) => isUnderWay(fate) && plan.protocol === 'tcp');
  for (const { plan } of open)
    violations.push({ promise: 'ledger', what: `${describeFlow(run, plan.id)} never came to an end` });
  return violations;
}

function describeFlow(run: Simulation, number: number): string {
  const flow = run.hosts.flows[number];
  if (flow === undefined) return `flow ${number}, which is no host's`;
  const { protocol, fnic, isOutbound } = flow.plan;
  return `flow ${number} (${protocol}, fNIC ${fnic}, ${isOutbound ? 'outbound' : 'inbound'}, ${flow.fate})`;
}

function describeRecord(record: CardRecord | undefined): string {
  if (record === undefined) return 'nothing';
  const { state, isPoisoned, initiatorIsLow, flags } = record;
  return `${FlowState[state]}${isPoisoned ? ' poisoned' : ''}${initiatorIsLow ? ' from the low end' : ''}${(flags & FlowFlag.resetSeen) !== 0 ? ' reset' : ''}`;
}

function names(cards: readonly (number | undefined)[]): string {
  return cards.map((card) => (card === undefined ? 'nobody' : `card${card + 1}`)).join(' and ') || 'nobody';
}
