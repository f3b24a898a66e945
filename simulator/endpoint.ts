import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from './frames.js';

/** What an endpoint sends: flags and numbers. */
export interface Sent {
  flags: number;
  sequence: number;
  acknowledgement: number;
}

/** A segment that takes a number and is sent again until it is acknowledged. */
type Reliable = 'syn' | 'data' | 'fin';

/**
 * One end of a TCP connection (RFC 9293), stop and wait: one segment under way at most. SYN, data and FIN take one number each; there is no payload, since
 * cards look at headers only.
 */
export class Endpoint {
  /** What waits for the segment that is under way. */
  private readonly outbox: Reliable[] = [];
  underWay: { kind: Reliable; sequence: number } | undefined;
  /** What the retransmission timer is for. */
  watched: object | undefined;
  private nextSequence = 0;
  /** Number that the other end's next segment must have. */
  private expected = 0;
  isEstablished = false;
  hasPeerFin = false;
  hasSentFin = false;
  isFinAcknowledged = false;
  isReset = false;

  constructor(private readonly isInitiator: boolean) {}

  get isIdle(): boolean {
    return this.underWay === undefined;
  }

  get isOver(): boolean {
    return this.isReset || (this.isFinAcknowledged && this.hasPeerFin);
  }

  open(): Sent[] {
    return this.send('syn');
  }

  sendData(): Sent[] {
    return this.isReset || this.hasSentFin ? [] : this.send('data');
  }

  close(): Sent[] {
    if (this.isReset || this.hasSentFin) return [];
    this.hasSentFin = true;
    return this.send('fin');
  }

  reset(): Sent[] {
    this.isReset = true;
    this.underWay = undefined;
    return [this.refusal()];
  }

  /** Gives up what is under way. */
  abandon(): void {
    this.underWay = undefined;
    this.outbox.length = 0;
  }

  /** The retransmission timer has gone off. */
  sendAgain(): Sent[] {
    return this.underWay === undefined ? [] : [this.segmentOf(this.underWay)];
  }

  receive({ flags, sequence, acknowledgement }: Sent): Sent[] {
    if (this.isReset) return (flags & TCP_RST) !== 0 ? [] : [this.refusal()];
    if ((flags & TCP_RST) !== 0) {
      this.isReset = true;
      this.underWay = undefined;
      return [];
    }
    if ((flags & TCP_SYN) !== 0) return this.receiveSyn(flags, sequence, acknowledgement);
    if (this.expected === 0) return [];
    const answers = this.acknowledge(acknowledgement);
    if ((flags & (TCP_PSH | TCP_FIN)) === 0) return answers;
    if (sequence === this.expected) {
      this.expected++;
      if ((flags & TCP_FIN) !== 0) this.hasPeerFin = true;
    }
    return [...answers, this.plainAcknowledgement()];
  }

  private receiveSyn(flags: number, sequence: number, acknowledgement: number): Sent[] {
    if (this.expected > 0) {
      // Again: a challenge ACK (RFC 5961), or, while our own SYN-ACK is under way, that.
      return this.isInitiator || this.isEstablished ? [this.plainAcknowledgement()] : this.sendAgain();
    }
    if (this.isInitiator !== ((flags & TCP_ACK) !== 0)) return [];
    this.expected = sequence + 1;
    if (!this.isInitiator) return this.send('syn');
    return [...this.acknowledge(acknowledgement), this.plainAcknowledgement()];
  }

  private acknowledge(acknowledgement: number): Sent[] {
    if (this.underWay === undefined || acknowledgement <= this.underWay.sequence) return [];
    if (this.underWay.kind === 'syn') this.isEstablished = true;
    if (this.underWay.kind === 'fin') this.isFinAcknowledged = true;
    this.underWay = undefined;
    const next = this.outbox.shift();
    return next === undefined ? [] : this.send(next);
  }

  private send(kind: Reliable): Sent[] {
    if (this.underWay !== undefined) {
      this.outbox.push(kind);
      return [];
    }
    this.underWay = { kind, sequence: this.nextSequence++ };
    return [this.segmentOf(this.underWay)];
  }

  private segmentOf({ kind, sequence }: { kind: Reliable; sequence: number }): Sent {
    const flags = { syn: TCP_SYN, data: TCP_PSH, fin: TCP_FIN }[kind];
    return {
      flags: this.expected > 0 ? flags | TCP_ACK : flags,
      sequence,
      acknowledgement: this.expected,
    };
  }

  private refusal(): Sent {
    return { flags: TCP_RST | TCP_ACK, sequence: this.nextSequence, acknowledgement: this.expected };
  }

  private plainAcknowledgement(): Sent {
    return { flags: TCP_ACK, sequence: this.nextSequence, acknowledgement: this.expected };
  }
}
