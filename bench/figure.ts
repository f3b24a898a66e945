/** One number of a measurement, in the unit that its name does not say. */
export interface Figure {
  name: string;
  unit: FigureUnit;
  value: number;
}

export type FigureUnit = 'packets/s' | 'lookups/s' | 'cps' | 'ns' | 'bytes' | 'ms' | 'records' | 'ratio';

/** What one measurement found in one fresh process. */
export interface Reading {
  figures: Figure[];
  /** Results that a machine has no say in: equal in every round, and hashed. */
  deterministic: Record<string, number | string>;
}

/** A reading, and how much of a core its process got while it measured: well below 1, others were at work. */
export interface TimedReading extends Reading {
  cpuShare: number;
}

/** One figure over all rounds. */
export interface FigureSummary {
  name: string;
  unit: FigureUnit;
  median: number;
  min: number;
  max: number;
  /** As measured, in order of the rounds. */
  rounds: number[];
}

/** Median (the mean of the middle two for an even count) and range of at least one value. */
export function summarize(
  { name, unit }: Pick<Figure, 'name' | 'unit'>,
  rounds: readonly number[],
): FigureSummary {
  const sorted = [...rounds].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] as number;
  const upper = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(upper) : (at(upper - 1) + at(upper)) / 2;
  return { name, unit, median, min: at(0), max: at(sorted.length - 1), rounds: [...rounds] };
}
