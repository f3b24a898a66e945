import type { FigureSummary, FigureUnit } from './figure.js';
import type { MeasurementGroup } from './measurement.js';
import type { BenchReport } from './rounds.js';

const TITLES: Record<MeasurementGroup, string> = {
  simulation: 'Simulation: virtual clock, 3M CPS offered, one thread',
  acl: "ACL lookups: policies of the size of Table 4 and of DASH's hero test, one thread, best pass of each process",
  'flow-table': 'Flow table: one operation, filled to capacity, one thread',
  memory: 'Memory: peak of a whole `cps --rate 3M`, by its duration',
  wall: 'Wall clock: most CPS with loss ratio <= 1e-3 and a valid verdict, card://pair, one thread',
  'bulk-sync': 'Bulk synchronisation: one card copies all its connections to another one',
};

const LABEL_WIDTH = 62;
const FIGURE_WIDTH = 12;
/** A process that computes all the time gets this much of a core, unless others are at work. */
const CPU_SHARE_LEAST = 0.9;

/** The report as a table for people: medians, and the range over all rounds. */
export function renderReport(report: BenchReport): string {
  const { host, rounds, size } = report;
  const lines = [
    `${host.cpu}, ${host.cpuCount} CPUs, Node ${host.node}, ${host.version} ${host.commit.slice(0, 7)}`.trimEnd(),
    `${size === 'smoke' ? 'SMOKE SIZE, figures mean nothing; ' : ''}${rounds} rounds, a fresh process each, order reversed every other round; load average at start ${host.loadAverage.toFixed(2)}`,
    '',
    row('measured', 'median', 'min', 'max', ''),
  ];
  for (const group of Object.keys(TITLES) as MeasurementGroup[]) {
    const measurements = report.measurements.filter((measurement) => measurement.group === group);
    if (measurements.length === 0) continue;
    lines.push('', TITLES[group]);
    for (const { name, figures, cpuShareMin } of measurements) {
      const what = name.slice(group.length + 1);
      if (cpuShareMin < CPU_SHARE_LEAST)
        lines.push(
          `  ${what}: DISTURBED, got ${Math.round(cpuShareMin * 100)}% of a core in its worst round`,
        );
      for (const figure of figures) lines.push(figureRow(`  ${what}: ${figure.name}`, figure));
    }
    if (group === 'simulation' && report.stages.length > 0) {
      lines.push('', 'Time per packet by stage: DIFFERENCES of the paths above, within each round');
      for (const { name, of, nsPerPacket } of report.stages)
        lines.push(figureRow(`  ${name} (${of})`, nsPerPacket));
    }
  }
  return [...lines, '', `deterministic results: sha256 ${report.deterministicHash}`, ''].join('\n');
}

function figureRow(label: string, { unit, median, min, max }: FigureSummary): string {
  const scale = SCALES[unit === 'bytes' && median >= 1e6 ? 'megabytes' : unit] ?? { divisor: 1, unit };
  const [middle = '', low = '', high = ''] = [median, min, max].map((value) => format(value / scale.divisor));
  return row(label, middle, low, high, scale.unit);
}

const SCALES: Partial<Record<FigureUnit | 'megabytes', { divisor: number; unit: string }>> = {
  'packets/s': { divisor: 1e6, unit: 'Mpackets/s' },
  'lookups/s': { divisor: 1e6, unit: 'Mlookups/s' },
  cps: { divisor: 1e3, unit: 'kCPS' },
  megabytes: { divisor: 1e6, unit: 'MB' },
};

/** Three or four significant digits of what is no whole number: more than a shared machine is good for, enough to compare. */
function format(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(Number.isInteger(value) || size >= 1000 ? 0 : size >= 100 ? 1 : 2);
}

function row(label: string, median: string, min: string, max: string, unit: string): string {
  const figures = [median, min, max].map((text) => text.padStart(FIGURE_WIDTH)).join('');
  return `${label.padEnd(LABEL_WIDTH)}${figures}  ${unit}`.trimEnd();
}
