import type { Random } from '../core/random.js';
import { Schedule } from '../core/schedule.js';
import { Endpoint, type Sent } from './endpoint.js';
import type { Delivery, Segment } from './frames.js';
import type { FlowPlan, Side } from './traffic.js';

export interface HostTiming {
  /** Until a segment is sent again: doubled each time, up to four times as long. */
  retransmitNs: number;
  /** An end that was not answered for so long gives up. */
  giveUpNs: number;
  /** An open connection is never quiet for longer, while there is traffic. */
  keepAliveNs: number;
  /** From a segment to its answer, at most. */
  thinkNsMax: number;
}

/** What became of a flow, of its present incarnation. */
export type FlowFate = 'waiting' | 'opening' | 'open' | 'over' | 'refused' | 'broken';

export interface HostFlow {
  plan: FlowPlan;
  incarnation: number;
  ends: Record<Side, Endpoint>;
  fate: FlowFate;
  /** When its first packet was sent, and its last one so far. */
  firstSentNs: number;
  lastSentNs: number;
}

export interface HostsOptions {
  plans: readonly FlowPlan[];
  timing: HostTiming;
  random: Random;
  send(plan: FlowPlan, segment: Segment, atNs: number): void;
}

const SIDES: readonly Side[] = ['initiator', 'responder'];
const BACK_OFF_STEPS_MAX = 2;
/** A flow is opened again when nothing of it is on its way any more. */
const REOPEN_LEAST_NS = 5e6;

/** All virtual machines and what they talk to: open-loop in when they open connections, then as RFC 9293 has it. */
export class Hosts {
  readonly schedule = new Schedule();
  readonly flows: HostFlow[];
  private isDraining = false;

  constructor(private readonly options: HostsOptions) {
    this.flows = options.plans.map((plan) => ({
      ...{ plan, incarnation: 0, ends: newEnds(), fate: 'waiting' as const },
      ...{ firstSentNs: 0, lastSentNs: Number.NEGATIVE_INFINITY },
    }));
    for (const flow of this.flows) this.schedule.at(flow.plan.openNs, () => this.open(flow));
  }

  /** Flows that wait for an answer. */
  get busyCount(): number {
    return this.flows.filter(({ fate, ends }) => isUnderWay(fate) && SIDES.some((side) => !ends[side].isIdle))
      .length;
  }

  /** All connections are closed from now on, and none is opened any more. */
  drain(): void {
    this.isDraining = true;
    const { random } = this.options;
    for (const flow of this.flows) {
      if (flow.fate === 'waiting' || flow.fate === 'opening' || flow.plan.protocol === 'udp') continue;
      this.schedule.after(random.below(5e6), () => {
        this.end(flow, flow.incarnation);
        for (const side of SIDES) if (flow.ends[side].hasPeerFin) this.followPeer(flow, side);
      });
    }
  }

  /** A packet has come to a host. */
  receive({ flow: number, from, incarnation, atNs, ...segment }: Delivery): void {
    const flow = this.flows[number] as HostFlow;
    const side = from === 'initiator' ? 'responder' : 'initiator';
    if (incarnation !== flow.incarnation || !isUnderWay(flow.fate)) {
      if (flow.plan.protocol === 'tcp' && flow.fate === 'over') this.answerTheDead(flow, side, segment);
      return;
    }
    if (flow.plan.protocol === 'udp') {
      this.receiveDatagram(flow, side, atNs);
      return;
    }
    const end = flow.ends[side];
    const wasEstablished = end.isEstablished;
    const answers = end.receive(segment);
    this.sendAll(flow, side, answers);
    if (!wasEstablished && end.isEstablished) this.established(flow, side);
    if (end.hasPeerFin && !end.hasSentFin) this.followPeer(flow, side);
    if (SIDES.every((each) => flow.ends[each].isOver)) this.over(flow);
  }

  private open(flow: HostFlow): void {
    if (this.isDraining) return;
    flow.fate = 'opening';
    flow.firstSentNs = this.schedule.nowNs;
    if (flow.plan.protocol === 'udp') this.sendDatagrams(flow, 'initiator');
    else this.sendAll(flow, 'initiator', flow.ends.initiator.open());
  }

  private sendDatagrams(flow: HostFlow, side: Side): void {
    if (this.isDraining) return;
    this.sendNow(flow, side, { flags: 0, sequence: 0, acknowledgement: 0 });
    this.schedule.after(this.options.timing.keepAliveNs, () => this.sendDatagrams(flow, side));
  }

  private receiveDatagram(flow: HostFlow, side: Side, atNs: number): void {
    if (flow.fate === 'open' || side === 'initiator') return;
    flow.fate = 'open';
    this.schedule.at(Math.max(atNs, this.schedule.nowNs), () => this.sendDatagrams(flow, 'responder'));
  }

  private established(flow: HostFlow, side: Side): void {
    const { incarnation, plan } = flow;
    this.keepAlive(flow, side, incarnation);
    if (side !== 'initiator') return;
    flow.fate = 'open';
    if (this.isDraining) this.end(flow, incarnation);
    else if (plan.holdNs !== undefined) this.schedule.after(plan.holdNs, () => this.end(flow, incarnation));
  }

  private keepAlive(flow: HostFlow, side: Side, incarnation: number): void {
    const { keepAliveNs } = this.options.timing;
    this.schedule.after(keepAliveNs, () => {
      const end = flow.ends[side];
      if (flow.incarnation !== incarnation || !isUnderWay(flow.fate) || end.hasSentFin || end.isReset) return;
      if (end.isIdle) this.sendAll(flow, side, end.sendData());
      this.keepAlive(flow, side, incarnation);
    });
  }

  /** Ends a connection as it was meant to end. */
  private end(flow: HostFlow, incarnation: number): void {
    if (flow.incarnation !== incarnation || !isUnderWay(flow.fate)) return;
    const { ending } = flow.plan;
    if (ending === 'reset') {
      this.sendAll(flow, 'initiator', flow.ends.initiator.reset());
      return;
    }
    const first = ending === 'both' ? 'initiator' : ending;
    this.sendAll(flow, first, flow.ends[first].close());
    if (ending === 'both') this.sendAll(flow, 'responder', flow.ends.responder.close());
  }

  private followPeer(flow: HostFlow, side: Side): void {
    const { incarnation, ends, plan } = flow;
    const delayNs = this.isDraining ? 0 : plan.closeDelayNs;
    if (delayNs === undefined) return;
    this.schedule.after(delayNs, () => {
      if (flow.incarnation === incarnation && isUnderWay(flow.fate))
        this.sendAll(flow, side, ends[side].close());
    });
  }

  private over(flow: HostFlow): void {
    flow.fate = 'over';
    const { reopenNs } = flow.plan;
    if (reopenNs === undefined || flow.incarnation > 0 || this.isDraining) return;
    this.schedule.after(REOPEN_LEAST_NS + reopenNs, () => {
      if (this.isDraining) return;
      flow.incarnation++;
      flow.ends = newEnds();
      this.open(flow);
    });
  }

  /** TIME-WAIT, or a closed port: what comes late is acknowledged, or refused. */
  private answerTheDead(flow: HostFlow, side: Side, segment: Sent): void {
    this.sendAll(flow, side, flow.ends[side].receive(segment));
  }

  private sendAll(flow: HostFlow, side: Side, segments: readonly Sent[]): void {
    const { random, timing } = this.options;
    const { incarnation } = flow;
    for (const segment of segments) {
      this.schedule.after(random.below(timing.thinkNsMax), () => {
        if (flow.incarnation === incarnation) this.sendNow(flow, side, segment);
      });
    }
    if (segments.length > 0) this.watch(flow, side);
  }

  private sendNow(flow: HostFlow, side: Side, segment: Sent): void {
    const { nowNs } = this.schedule;
    flow.lastSentNs = nowNs;
    const { incarnation, plan } = flow;
    this.options.send(plan, { ...segment, flow: plan.id, from: side, incarnation }, nowNs);
  }

  private watch(flow: HostFlow, side: Side): void {
    const end = flow.ends[side];
    const { underWay } = end;
    if (underWay === undefined || end.watched === underWay) return;
    end.watched = underWay;
    this.awaitAnswer(flow, { side, underWay, sinceNs: this.schedule.nowNs, tries: 0 });
  }

  private awaitAnswer(flow: HostFlow, wait: Wait): void {
    const { retransmitNs, giveUpNs } = this.options.timing;
    const end = flow.ends[wait.side];
    this.schedule.after(retransmitNs * 2 ** Math.min(wait.tries, BACK_OFF_STEPS_MAX), () => {
      if (end !== flow.ends[wait.side] || end.underWay !== wait.underWay) return;
      if (this.schedule.nowNs - wait.sinceNs >= giveUpNs) {
        this.giveUp(flow, wait.side);
        return;
      }
      for (const segment of end.sendAgain()) this.sendNow(flow, wait.side, segment);
      this.awaitAnswer(flow, { ...wait, tries: wait.tries + 1 });
    });
  }

  private giveUp(flow: HostFlow, side: Side): void {
    const other = flow.ends[side === 'initiator' ? 'responder' : 'initiator'];
    const end = flow.ends[side];
    end.abandon();
    if (!isUnderWay(flow.fate)) return;
    // Both have closed it, and cards forget it soon (docs/decisions/0003-closed-flows-linger.md); or the other end has reset it, and that was lost.
    if ((end.hasSentFin && other.hasSentFin) || other.isReset) this.over(flow);
    else flow.fate = flow.fate === 'opening' ? 'refused' : 'broken';
  }
}

interface Wait {
  side: Side;
  underWay: object;
  sinceNs: number;
  tries: number;
}

function newEnds(): Record<Side, Endpoint> {
  return { initiator: new Endpoint(true), responder: new Endpoint(false) };
}

export function isUnderWay(fate: FlowFate): boolean {
  return fate === 'opening' || fate === 'open';
}
