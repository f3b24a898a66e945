import { type Delivery, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from './frames.js';
import type { FlowPlan, Side } from './traffic.js';

/** What a flow's state must be, for all that hosts have received. */
export interface OracleFlow {
  incarnation: number;
  /** Its first packet came through. */
  firstDeliveredNs: number | undefined;
  /** Whose FINs came through. */
  fins: ReadonlySet<Side>;
  isReset: boolean;
  lastDeliveredNs: number;
}

/** Sees the packets that hosts receive, and nothing else, and says what cards must know of each flow. */
export class Oracle {
  private readonly flows = new Map<number, { known: OracleFlow; fins: Set<Side> }>();

  constructor(private readonly plans: readonly FlowPlan[]) {}

  see({ flow, from, incarnation, flags, atNs }: Delivery): void {
    const { known, fins } = this.flowOf(flow, incarnation);
    if (known.incarnation !== incarnation) return;
    const isTcp = this.plans[flow]?.protocol === 'tcp';
    const opens = !isTcp || ((flags & TCP_SYN) !== 0 && (flags & TCP_ACK) === 0);
    if (opens) known.firstDeliveredNs ??= atNs;
    if ((flags & TCP_FIN) !== 0) fins.add(from);
    if ((flags & TCP_RST) !== 0) known.isReset = true;
    known.lastDeliveredNs = atNs;
  }

  /** Undefined: nothing of it ever came through. */
  read(flow: number): OracleFlow | undefined {
    return this.flows.get(flow)?.known;
  }

  private flowOf(flow: number, incarnation: number): { known: OracleFlow; fins: Set<Side> } {
    const before = this.flows.get(flow);
    if (before !== undefined && before.known.incarnation >= incarnation) return before;
    const fins = new Set<Side>();
    const known = { incarnation, firstDeliveredNs: undefined, fins, isReset: false, lastDeliveredNs: 0 };
    const fresh = { known, fins };
    this.flows.set(flow, fresh);
    return fresh;
  }
}
