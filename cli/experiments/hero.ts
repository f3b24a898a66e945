import { ExitCode } from '../../core/errors.js';
import { formatDurationNs, parseDurationNs } from '../../core/units.js';
import type { FigureBand, FigureData, FigureTone } from '../../results/figures/figure-data.js';
import { heroBandFigure } from '../../results/figures/hero-band.js';
import { type HeroCriterion, heroCriteria } from '../../results/hero/criteria.js';
import type { Result } from '../../results/result.js';
import { runNotes } from '../../results/run-notes.js';
import { refuseIdleFlags } from '../flags-together.js';
import { buildHeroOptions, type HeroTrialFlags } from '../hero-options.js';
import { HERO_SCALES, type HeroScaleName } from '../hero-scales.js';
import { prepareFolder } from '../results-folder.js';
import { runSweep, type SweepFlags, type SweepOptions } from '../sweep/sweep.js';
import { renderPlainSweep } from '../sweep/sweep-progress.js';
import type { PoolProgress } from '../sweep/trial-pool.js';
import { writeFigure } from './figure-files.js';
import { formatLoad } from './find-kind.js';
import { type Characterisation, characterise, type HeroLimitId } from './hero-limits.js';
import { renderHero } from './hero-text.js';
import { writeFiles } from './written-files.js';

export interface PerformHeroOptions extends SweepOptions {
  /** Names of the flags that were typed. */
  given: ReadonlySet<string>;
}

export interface HeroFlags extends SweepFlags, HeroTrialFlags {
  characterise: boolean;
  'step-duration': string;
  chart: boolean;
  out: string;
}

/** What `hero --json` prints. Rates are connections per second, virtual. */
export interface HeroReport {
  kind: 'hero';
  scale: HeroScaleName;
  description: string;
  input: Result['input'];
  /** The run that the criteria are about, in the results folder. */
  runId: string;
  verdict: Result['verdict'];
  invalidReasons: string[];
  isMet: boolean;
  criteria: HeroCriterion[];
  /** That the run was too short for its background, if it was. */
  notes: string[];
  characterisation?: Characterisation;
  host: Result['host'];
  files: string[];
}

/** DASH's minimum for a 200G card: connections per second. */
export const DASH_MINIMUM_CPS = 3e6;

/** The whole of `sirius-bench hero`: the test itself, then the loads around it. */
export async function performHero(
  flags: HeroFlags,
  { given, ...options }: PerformHeroOptions,
): Promise<{ report: HeroReport; text: string; exitCode: number }> {
  const trialFlags = trialFlagsOf(flags);
  const { rateCps, durationNs, background } = buildHeroOptions(trialFlags);
  checkIdleFlags(flags, { given, hasBackground: background !== undefined });
  const stepNs = parseDurationNs(flags['step-duration'], { where: '--step-duration' });
  prepareFolder(flags.out, '--out');
  const { result, characterisation } = await runSweep(
    flags,
    { ...options, describe: describeProgress },
    async (pool) => {
      const [result, characterisation] = await Promise.all([
        pool.run({ command: 'hero', flags: trialFlags }),
        flags.characterise ? characterise({ pool, flags: trialFlags, rateCps, stepNs }) : undefined,
      ]);
      return { result, characterisation };
    },
  );
  const report = reportOf(result, characterisation, flags);
  report.files = await writeHero(report, flags, stepNs);
  const exitCode = result.verdict === 'valid' ? ExitCode.done : ExitCode.invalid;
  return { report, text: renderHero(report, { rateCps, durationNs, stepNs }), exitCode };
}

/** @throws SiriusError (usage) */
function checkIdleFlags(
  { characterise, scale }: HeroFlags,
  { given, hasBackground }: { given: ReadonlySet<string>; hasBackground: boolean },
): void {
  const packets = 'a --scale with a background, of whose packets it is';
  if (!characterise) {
    refuseIdleFlags(given, {
      flags: ['step-duration', 'jobs', 'chart', 'no-chart'],
      expected: 'a characterisation, of whose trials it is',
      got: '--no-characterise',
    });
  }
  if (!hasBackground)
    refuseIdleFlags(given, { flags: ['packet-size'], expected: packets, got: `--scale ${scale}` });
}

function trialFlagsOf(flags: HeroFlags): HeroTrialFlags {
  const { scale, rate, duration, seed, target, model, power, acl } = flags;
  return {
    ...{ scale, rate, duration, seed, target, model, power },
    'packet-size': flags['packet-size'],
    ...(acl === undefined ? {} : { acl }),
  };
}

/** `3 of 12 trials, 40 s elapsed, about 2 min left; learning`. */
function describeProgress(progress: PoolProgress): string[] {
  const stages = progress.stages.length === 0 ? '' : `; ${progress.stages.join(', ')}`;
  return [`${renderPlainSweep(progress)}${stages}`];
}

function reportOf(
  result: Result,
  characterisation: Characterisation | undefined,
  { scale }: HeroFlags,
): HeroReport {
  const criteria = heroCriteria(result);
  const { id, input, verdict, invalidReasons, host } = result;
  const { name, description } = HERO_SCALES[scale as HeroScaleName];
  return {
    kind: 'hero',
    scale: name,
    description,
    input,
    runId: id,
    ...{ verdict, invalidReasons },
    isMet: verdict === 'valid' && criteria.every(({ isMet }) => isMet),
    criteria,
    notes: runNotes(result)
      .filter(({ kind }) => kind === 'short')
      .map(({ text }) => text),
    ...(characterisation === undefined ? {} : { characterisation }),
    host,
    files: [],
  };
}

/** Writes the report as JSON, and chart and CSV where there is a characterisation; gives the paths. */
async function writeHero(report: HeroReport, flags: HeroFlags, stepNs: number): Promise<string[]> {
  const { files: _, ...content } = report;
  const { characterisation } = report;
  const files = writeFiles(
    flags.out,
    new Map([[`hero-${report.scale}-report.json`, `${JSON.stringify(content, null, 2)}\n`]]),
  );
  if (characterisation === undefined || !flags.chart) return files;
  return [...files, ...(await writeFigure(heroFigure({ ...report, characterisation }, stepNs), flags.out))];
}

/** The band chart. Trials that are invalid are no points of it. */
export function heroFigure(
  {
    scale,
    description,
    input,
    characterisation,
  }: Pick<HeroReport, 'scale' | 'description'> & {
    input: Record<string, unknown>;
    characterisation: Characterisation;
  },
  stepNs: number,
): FigureData {
  const { model, powerWatts, acl, target } = input;
  return heroBandFigure({
    mark: 'virtual',
    subtitle: `${description}; ${target}, model ${model}, ${powerWatts} W, acl ${acl}; trials of ${formatDurationNs(stepNs)}`,
    scale,
    samples: characterisation.steps
      .filter(({ invalidReasons }) => invalidReasons.length === 0)
      .map(({ offeredCps, achievedCps, runId }) => ({ x: offeredCps, y: achievedCps, runId })),
    bands: bandsOf(characterisation),
    minimumCps: DASH_MINIMUM_CPS,
  });
}

const BANDS: Record<HeroLimitId, { name: string; tone: FigureTone }> = {
  'zero-loss': { name: 'zero loss', tone: 'good' },
  'minimal-loss': { name: 'minimal loss', tone: 'fair' },
  collapse: { name: 'loss', tone: 'poor' },
};

/** From one limit to the next; a limit that no load reached leaves its band open, and one that lies where the last did has none. */
export function bandsOf({ limits }: Pick<Characterisation, 'limits'>): FigureBand[] {
  const bands: FigureBand[] = [];
  let from: number | undefined;
  for (const { id, holdsCps, failsCps } of limits) {
    const { name, tone } = BANDS[id];
    const start = from === undefined ? {} : { from };
    if (failsCps === undefined) return [...bands, { label: name, tone, ...start }];
    if (holdsCps === undefined || holdsCps <= (from ?? 0)) continue;
    bands.push({ label: `${name}, up to ${formatLoad(holdsCps, 'cps')}`, tone, ...start, to: holdsCps });
    from = holdsCps;
  }
  return [
    ...bands,
    { label: 'fewer than half complete', tone: 'bad', ...(from === undefined ? {} : { from }) },
  ];
}
