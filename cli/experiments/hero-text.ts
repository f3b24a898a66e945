import { formatBytes, formatDurationNs, formatRatio } from '../../core/units.js';
import { wrapText } from '../../results/text-table.js';
import { renderColumns } from '../columns.js';
import { formatSeconds } from '../progress.js';
import { formatLoad } from './find-kind.js';
import type { HeroReport } from './hero.js';
import type { Characterisation, HeroLimit } from './hero-limits.js';

export interface HeroTextOptions {
  rateCps: number;
  durationNs: number;
  stepNs: number;
}

const COLUMNS = 80;

/** What a person reads: DASH's criteria first, then the loads between which the target goes from no loss to collapse. */
export function renderHero(report: HeroReport, { rateCps, durationNs, stepNs }: HeroTextOptions): string {
  const { scale, description, criteria, notes, characterisation, host, input } = report;
  const verdict =
    report.verdict === 'invalid'
      ? `INVALID: ${report.invalidReasons.join('; ')}`
      : report.isMet
        ? 'PASS'
        : 'FAIL';
  const head = [
    `hero ${scale}: ${verdict}`,
    ...notes,
    description,
    `${formatLoad(rateCps, 'cps')} for ${formatDurationNs(durationNs)}, ${input.target}, ${input.powerWatts} W, acl ${input.acl}, seed ${input.seed}`,
  ];
  const rows = [
    ['', 'DASH asks', '', 'virtual'],
    ...criteria.map(({ label, asked, got, isMet }) => [label, asked, isMet ? 'pass' : 'FAIL', got]),
  ];
  return `${[
    head.map((line) => wrapText(line, COLUMNS)).join('\n'),
    renderColumns(rows, { columns: COLUMNS }),
    ...(characterisation === undefined ? [] : [renderCharacterisation(characterisation, stepNs)]),
    `run ${report.runId}, ${formatSeconds(host.wallTimeNs / 1e6)}, ${formatBytes(host.peakRssBytes)} of memory at most`,
    report.files.join('\n'),
  ].join('\n\n')}\n`;
}

function renderCharacterisation({ limits, steps }: Characterisation, stepNs: number): string {
  const rows = limits.map((limit) => [limit.label, limitText(limit)]);
  const tried = [
    ['offered', 'completed', 'lost in the long run', ''],
    ...steps.map(({ offeredCps, achievedCps, lossRatio, invalidReasons }) => [
      formatLoad(offeredCps, 'cps'),
      formatLoad(achievedCps, 'cps'),
      formatRatio(lossRatio),
      invalidReasons.length === 0 ? '' : 'invalid',
    ]),
  ];
  return [
    `characterisation, virtual: trials of ${formatDurationNs(stepNs)}, each from empty tables on`,
    '',
    renderColumns(rows, { columns: Number.POSITIVE_INFINITY }),
    '',
    renderColumns(tried, { columns: Number.POSITIVE_INFINITY }),
  ].join('\n');
}

/** `up to 3.070 Mcps, no longer at 3.085 Mcps`. */
export function limitText({ holdsCps, failsCps }: HeroLimit): string {
  if (holdsCps === undefined) {
    return failsCps === undefined
      ? 'not found: no valid trial'
      : `not even at ${formatLoad(failsCps, 'cps')}`;
  }
  const upTo = `up to ${formatLoad(holdsCps, 'cps')}`;
  return failsCps === undefined
    ? `${upTo}, the highest tried`
    : `${upTo}, no longer at ${formatLoad(failsCps, 'cps')}`;
}
