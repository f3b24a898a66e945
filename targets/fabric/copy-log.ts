import type { Schedule } from '../../core/schedule.js';

/** One bulk synchronisation (section 3.2, X2 and X3). */
export interface SyncRecord {
  /** Cards, from 0. */
  primary: number;
  secondary: number;
  fnics: readonly number[];
  beganNs: number;
  /** Undefined while it goes on, or when it came to nothing. */
  endedNs: number | undefined;
}

/** For how long each fNIC's flows had one copy only, and how copies were made again. */
export class CopyLog {
  readonly syncs: SyncRecord[] = [];
  /** fNICs with one copy, and since when. */
  private readonly alone = new Map<number, number>();
  private anyAloneNs = 0;
  private anySinceNs = 0;

  constructor(private readonly schedule: Schedule) {}

  lose(fnic: number): void {
    const { nowNs } = this.schedule;
    if (this.alone.size === 0) this.anySinceNs = nowNs;
    if (!this.alone.has(fnic)) this.alone.set(fnic, nowNs);
  }

  gain(fnic: number): void {
    if (this.alone.delete(fnic) && this.alone.size === 0) {
      this.anyAloneNs += this.schedule.nowNs - this.anySinceNs;
    }
  }

  /** Time until now in which some fNIC had one copy only. */
  oneCopyNs(nowNs: number): number {
    return this.anyAloneNs + (this.alone.size > 0 ? nowNs - this.anySinceNs : 0);
  }

  begin(pair: Pick<SyncRecord, 'primary' | 'secondary' | 'fnics'>): { end(): void } {
    const record: SyncRecord = { ...pair, beganNs: this.schedule.nowNs, endedNs: undefined };
    this.syncs.push(record);
    return {
      end: () => {
        record.endedNs = this.schedule.nowNs;
      },
    };
  }
}
