import { readFileSync } from 'node:fs';
import { median } from '../../core/median.js';
import { packagePath } from '../../core/package-path.js';
import { validateValue } from '../../core/schema.js';

export const FIGURE_SCHEMA = 'sirius-bench.figure/1';

/** Where values come from. Paper's values are marks, never points of a series. */
export type FigureMark = 'virtual' | 'measured';

/**
 * A figure as data: what its JSON, CSV, PNG and SVG are made from. `schemas/figure.schema.json` is the published
 * description of exactly this shape. All values are in base units (`pps`, `cps`, `ns`, `fraction`, ...).
 */
export interface FigureData {
  schema: typeof FIGURE_SCHEMA;
  /** `figure-10a`, `power`: names the files. */
  id: string;
  title: string;
  /** What was run, in one line: target, profile, duration, number of seeds. */
  subtitle: string;
  panels: FigurePanel[];
}

/** One pair of axes. `bars` has a bar for each x, which are then few and far apart, such as power states. */
export interface FigurePanel {
  id: string;
  /** Told above the panel when a figure has several. */
  title: string;
  kind: 'lines' | 'bars';
  x: FigureAxis;
  y: FigureAxis;
  series: FigureSeries[];
  paperMarks: PaperMark[];
  /** Stretches of the x axis with a name, from left to right. */
  bands?: FigureBand[];
  requirements?: FigureRequirement[];
}

/** From good to bad. */
export const FIGURE_TONES = ['good', 'fair', 'poor', 'bad'] as const;
export type FigureTone = (typeof FIGURE_TONES)[number];

/** Without a `from` or a `to` it goes to the end of the axis. */
export interface FigureBand {
  label: string;
  tone: FigureTone;
  from?: number;
  to?: number;
}

/** What somebody asks for, neither paper nor result: a line upward (`x`) or across (`y`). */
export interface FigureRequirement {
  label: string;
  x?: number;
  y?: number;
}

export interface FigureAxis {
  label: string;
  unit: string;
  scale: 'linear' | 'log';
  /** On a log axis, where a value of 0 is drawn. The CSV and the JSON keep 0. */
  zeroDrawnAt?: number;
}

export interface FigureSeries {
  id: string;
  label: string;
  mark: FigureMark;
  /** Series of one group share colour and shape: a power state has its own in every figure. */
  group: number;
  /** `aside` is drawn dashed and hollow: what accompanies a main line of its group. */
  role: 'main' | 'aside';
  points: FigurePoint[];
}

export interface FigurePoint {
  x: number;
  /** Median over the runs. */
  y: number;
  /** Least and greatest over the runs. */
  low: number;
  high: number;
  /** What a bar is called in place of its x. */
  label?: string;
  /** The run of each seed, by its id. */
  runs: string[];
}

/** A number of the paper: a line across (`y`), a line upward (`x`) or a diamond (both). */
export interface PaperMark {
  /** Its id in the reference numbers. */
  id: string;
  label: string;
  x?: number;
  y?: number;
}

/** What one run of one seed gave at one place of the x axis. */
export interface Sample {
  x: number;
  y: number;
  runId: string;
}

/** The marks of all its series: one, unless simulated and real time stand side by side. */
export function marksOf({ panels }: FigureData): FigureMark[] {
  return [...new Set(panels.flatMap(({ series }) => series.map(({ mark }) => mark)))];
}

/** Samples of equal x as one point: the median, and the range as error bar. Points come sorted by x. */
export function pointsOf(samples: readonly Sample[]): FigurePoint[] {
  const places = [...new Set(samples.map(({ x }) => x))].sort((one, other) => one - other);
  return places.map((x) => {
    const here = samples.filter((sample) => sample.x === x);
    const values = here.map(({ y }) => y).sort((one, other) => one - other);
    const [low = Number.NaN] = values;
    return { x, y: median(values), low, high: values.at(-1) ?? low, runs: here.map(({ runId }) => runId) };
  });
}

/**
 * Checks a figure that comes from a file against the published schema.
 * @throws SiriusError (usage) naming `where`, the wrong key, what was expected and what was got.
 */
export function parseFigure(value: unknown, where: string): FigureData {
  return validateValue<FigureData>(figureSchema(), value, where);
}

let schemaOnce: object | undefined;

/** The published JSON Schema, read once. */
export function figureSchema(): object {
  schemaOnce ??= JSON.parse(
    readFileSync(packagePath('results', 'schemas', 'figure.schema.json'), 'utf8'),
  ) as object;
  return schemaOnce;
}
