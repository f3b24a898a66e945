import { formatRate } from '../../core/units.js';
import { whole } from '../../results/figure-text.js';
import type { LatencySummary, Result } from '../../results/result.js';

/** What a search reads from the result of one trial. */
export interface Judgement {
  /** What the goals look at: the greatest of `losses`. */
  lossRatio: number;
  /** Each way in which something can be lost, as a share of one. */
  losses: Record<string, number>;
  /** Undefined where nothing came back. */
  latency: LatencySummary | undefined;
}

/** What makes a search one of rates of connections, of rates of packets or of numbers of flows. */
export interface FindKind {
  /** `find cps` and so on. */
  command: string;
  loadUnit: 'cps' | 'pps' | 'flows';
  /** Above the table of bounds. */
  heading: string;
  /** What counts as lost besides packets that were dropped. */
  lossNote?: string;
  /** What a latency limit is about. */
  latencyName: string;
  /** What `conditionalThroughput` is called. */
  throughputName: string;
  /** The flags that limit the search. */
  minFlag: string;
  maxFlag: string;
  formatLoad(load: number): string;
  /** `isFinal`: the trial lasts as long as those that decide. */
  judge(result: Result, isFinal: boolean): Judgement;
}

/** The greatest loss counts. */
export function judgement(losses: Record<string, number>, latency: LatencySummary | undefined): Judgement {
  return { lossRatio: Math.max(...Object.values(losses)), losses, latency };
}

/** `3.012 Mcps`, `64.000M flows`: bounds are nearer to each other than three digits tell. */
export function formatLoad(load: number, unit: FindKind['loadUnit']): string {
  if (unit === 'flows') return `${load < 1e6 ? whole(load) : `${(load / 1e6).toFixed(3)}M`} flows`;
  return load < 1e6 ? formatRate(load, unit) : `${(load / 1e6).toFixed(3)} M${unit}`;
}
