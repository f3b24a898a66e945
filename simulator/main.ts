import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { monotonicMs } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { ExitCode, SiriusError } from '../core/errors.js';
import { parseCount } from '../core/units.js';
import { runCampaign } from './campaign.js';
import { drawCase } from './case.js';
import { describeEvent } from './faults.js';
import { runMutants, type SeedRange } from './mutation.js';
import { describeFailure, runSeed, type SeedReport } from './seed.js';
import { CampaignTally } from './tally.js';

const USAGE = `npm run simulate -- [--seeds N] [--from N] [--jobs N] [--build release|debug] [--json]
npm run simulate -- --seed N [--events LIST]
npm run simulate -- --mutants [--seeds N] [--from N]

  --seeds N      how many seeds; default 100
  --from N       the first one; default 1
  --jobs N       threads; default one for each processor
  --build NAME   release, or debug: with the data plane's assertions on
  --json         one object on standard output
  --seed N       replays one seed and tells what happens
  --events LIST  which of its events happen, such as 0,3, or none; all if left out
  --mutants      plants bugs, one at a time, and tells by which seed each was found
`;

const PROGRESS_PERIOD_MS = 5000;

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { message, hint, exitCode } =
    error instanceof SiriusError
      ? error
      : {
          message: String((error as Error).stack),
          hint: 'See simulator/README.md.',
          exitCode: ExitCode.failed,
        };
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
  process.exitCode = exitCode;
}

async function main(argv: string[]): Promise<void> {
  const flags = parseFlags(argv);
  if (flags.help) return write(USAGE);
  const build = parseBuild(flags.build);
  if (flags.seed !== undefined) return replay(parseSeed(flags.seed, '--seed'), flags.events, build);
  if (flags.mutants) {
    mutants({
      firstSeed: parseSeed(flags.from, '--from'),
      seedCount: parseCount(flags.seeds, { where: '--seeds' }),
    });
    return;
  }
  const tally = new CampaignTally();
  let reportedMs = monotonicMs();
  await runCampaign({
    firstSeed: parseSeed(flags.from, '--from'),
    seedCount: parseCount(flags.seeds, { where: '--seeds' }),
    jobs: flags.jobs === undefined ? availableParallelism() : parseCount(flags.jobs, { where: '--jobs' }),
    build,
    onSeed: (report) => {
      tally.add(report);
      if (report.violations.length > 0) process.stderr.write(`${describeFailure(report)}\n\n`);
      if (monotonicMs() - reportedMs < PROGRESS_PERIOD_MS) return;
      reportedMs = monotonicMs();
      process.stderr.write(`simulate: ${tally.describe()}\n`);
    },
  });
  write(flags.json ? `${JSON.stringify(tally.read())}\n` : `${tally.describe()}\n`);
  if (tally.read().failed.length > 0) process.exitCode = ExitCode.failed;
}

function mutants(range: SeedRange): void {
  const reports = runMutants(range, ({ name, caught }) =>
    write(`${caught ? `seed ${caught.seed}, ${caught.promises.join(', ')}` : 'GOT AWAY'}: ${name}\n`),
  );
  const escaped = reports.filter(({ caught }) => caught === undefined).length;
  write(`${reports.length - escaped} of ${reports.length} found\n`);
  if (escaped > 0) process.exitCode = ExitCode.failed;
}

function replay(seed: number, events: string | undefined, build: 'release' | 'debug'): void {
  const given = drawCase(seed);
  const keep = events === undefined ? undefined : parseEvents(events, given.events.length);
  const report: SeedReport = runSeed(seed, {
    load: () => loadDataPlane({ build }),
    ...(keep === undefined ? {} : { keep }),
    shrinks: keep === undefined,
    onNote: (note) => process.stderr.write(`${note}\n`),
  });
  if (report.violations.length === 0) {
    const played = (keep ?? [...given.events.keys()]).map(
      (number) => `  ${number}: ${describeEvent(given.events[number] as (typeof given.events)[number])}\n`,
    );
    write(`seed ${seed} holds every promise (${report.kind}):\n${played.join('')}`);
  } else {
    write(`${describeFailure(report)}\n`);
    process.exitCode = ExitCode.failed;
  }
}

function parseFlags(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        jobs: { type: 'string' },
        build: { type: 'string', default: 'release' },
        json: { type: 'boolean' },
        seed: { type: 'string' },
        events: { type: 'string' },
        mutants: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new SiriusError({
      code: 'simulate-flag',
      message: `simulate: ${(error as Error).message}`,
      hint: '`npm run simulate -- --help` lists the flags.',
      exitCode: ExitCode.usage,
    });
  }
}

function parseBuild(text: string): 'release' | 'debug' {
  if (text === 'release' || text === 'debug') return text;
  throw wrong('--build', 'release or debug', text);
}

function parseSeed(text: string, where: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw wrong(where, 'a whole number from 0 on', text);
}

function parseEvents(text: string, count: number): number[] {
  if (text === 'none') return [];
  const numbers = text.split(',').map(Number);
  const isRight = numbers.every(
    (number, index) =>
      Number.isInteger(number) && number >= 0 && number < count && number > (numbers[index - 1] ?? -1),
  );
  if (text !== '' && isRight) return numbers;
  throw wrong('--events', `numbers of events below ${count}, in order, or none`, text);
}

function wrong(where: string, expected: string, got: string): SiriusError {
  return new SiriusError({
    code: 'simulate-flag',
    message: `${where}: expected ${expected}, got "${got}"`,
    hint: '`npm run simulate -- --help` lists the flags.',
    exitCode: ExitCode.usage,
  });
}

function write(text: string): void {
  process.stdout.write(text);
}
