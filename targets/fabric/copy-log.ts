import type { Schedule } from '../../core/schedule.js';
import type { ChannelReading, Fabric } from './fabric.js';

/** Cards, from 0, and the fNICs whose state one copies to the other. */
export interface CopyPair {
  primary: number;
  secondary: number;
  fnics: readonly number[];
}

/** One bulk synchronisation (section 3.2, X2 and X3). */
export interface CopyRecord extends CopyPair {
  beganNs: number;
  /** Undefined while it goes on, or when it came to nothing. */
  endedNs: number | undefined;
  records: number;
  bytes: number;
}

/** Cards that the controller gives fNICs to, from a time on: what an appliance can take (section 3.2). */
export interface AllocatableCards {
  atNs: number;
  cards: number;
}

/** Time in which a set was not empty. */
class OccupiedTime<Member> {
  private readonly members = new Set<Member>();
  private totalNs = 0;
  private sinceNs = 0;

  add(member: Member, nowNs: number): void {
    if (this.members.size === 0) this.sinceNs = nowNs;
    this.members.add(member);
  }

  delete(member: Member, nowNs: number): void {
    if (this.members.delete(member) && this.members.size === 0) this.totalNs += nowNs - this.sinceNs;
  }

  totalNsAt(nowNs: number): number {
    return this.totalNs + (this.members.size > 0 ? nowNs - this.sinceNs : 0);
  }
}

/** All that a log has noted. */
export interface CopyReading {
  oneCopyNs: number;
  /** Time in which the controller gave fNICs to fewer cards than there are. */
  fewerCardsNs: number;
  /** Changes; all cards before the first one. */
  allocatable: readonly AllocatableCards[];
  copies: CopyRecord[];
}

/** For how long some fNIC's flows had one copy only, or fewer cards could be allocated, and how copies were made again. */
export class CopyLog {
  private readonly copies: { record: CopyRecord; before: ChannelReading }[] = [];
  private readonly aloneFnics = new OccupiedTime<number>();
  private readonly allocatable: AllocatableCards[] = [];

  constructor(
    private readonly schedule: Schedule,
    private readonly fabric: Fabric,
  ) {}

  /** There is one copy only of an fNIC's state from now on. */
  lose(fnic: number): void {
    this.aloneFnics.add(fnic, this.schedule.nowNs);
  }

  gain(fnic: number): void {
    this.aloneFnics.delete(fnic, this.schedule.nowNs);
  }

  /** So many cards can be given fNICs to from now on, as the controller sees it. */
  allocate(cards: number): void {
    const last = this.allocatable.at(-1)?.cards ?? this.fabric.cardCount;
    if (cards !== last) this.allocatable.push({ atNs: this.schedule.nowNs, cards });
  }

  begin(pair: CopyPair): { end(): void } {
    const { schedule, fabric } = this;
    const before = fabric.cards.readChannel(pair.primary, pair.secondary);
    const record = { ...pair, beganNs: schedule.nowNs, endedNs: undefined, records: 0, bytes: 0 };
    const copy: { record: CopyRecord; before: ChannelReading } = { record, before };
    this.copies.push(copy);
    return {
      end: () => {
        this.update(copy);
        copy.record.endedNs = schedule.nowNs;
      },
    };
  }

  /** All until now. */
  read(nowNs: number): CopyReading {
    for (const copy of this.copies) if (copy.record.endedNs === undefined) this.update(copy);
    return {
      oneCopyNs: this.aloneFnics.totalNsAt(nowNs),
      fewerCardsNs: this.fewerCardsNs(nowNs),
      allocatable: this.allocatable,
      copies: this.copies.map(({ record }) => record),
    };
  }

  /** The same changes as `allocatable`, added up: the two can't tell different stories. */
  private fewerCardsNs(nowNs: number): number {
    return this.allocatable.reduce((sum, { atNs, cards }, index) => {
      const untilNs = this.allocatable[index + 1]?.atNs ?? nowNs;
      return cards < this.fabric.cardCount ? sum + untilNs - atNs : sum;
    }, 0);
  }

  private update({ record, before }: { record: CopyRecord; before: ChannelReading }): void {
    const { records, bytes } = this.fabric.cards.readChannel(record.primary, record.secondary);
    record.records = records - before.records;
    record.bytes = bytes - before.bytes;
  }
}
