import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { describeHost } from '../cli/host.js';
import { ExitCode, SiriusError, usageError } from '../core/errors.js';
import { packagePath } from '../core/package-path.js';
import type { TimedReading } from './figure.js';
import { type BenchSize, type Measurement, readMeasurement, selectMeasurements } from './measurement.js';
import { renderReport } from './report.js';
import { type BenchHost, runRounds } from './rounds.js';

const ROUNDS: Record<BenchSize, number> = { full: 3, smoke: 2 };

const USAGE = `npm run bench -- [--only NAME] [--rounds N] [--smoke] [--json] [--list]

  --only NAME   a group (simulation, acl, flow-table, memory, wall, bulk-sync) or one measurement; may be repeated
  --rounds N    fresh processes for each measurement; default 3
  --smoke       sizes so small that only the hash means something
  --json        one object on standard output
  --list        names of the measurements
`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { message, hint, exitCode } =
    error instanceof SiriusError
      ? error
      : { message: String(error), hint: 'See bench/README.md.', exitCode: ExitCode.failed };
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`);
  process.exitCode = exitCode;
}

async function main(argv: string[]): Promise<void> {
  const flags = parseFlags(argv);
  const size: BenchSize = flags.smoke ? 'smoke' : 'full';
  const measurements = selectMeasurements(flags.only ?? []);
  if (flags.help) return write(USAGE);
  if (flags.list) return write(measurements.map(({ name }) => `${name}\n`).join(''));
  if (flags.measure !== undefined) {
    const [measurement] = selectMeasurements([flags.measure]);
    return write(JSON.stringify(await readMeasurement(measurement as Measurement, size)));
  }
  const rounds = flags.rounds === undefined ? ROUNDS[size] : parseRounds(flags.rounds);
  const report = await runRounds({
    measurements,
    size,
    rounds,
    host: hostOf(),
    read: (measurement, round) => {
      process.stderr.write(`bench: round ${round + 1} of ${rounds}: ${measurement.name}\n`);
      return readInFreshProcess(measurement, size);
    },
  });
  write(flags.json ? `${JSON.stringify(report)}\n` : renderReport(report));
}

function parseFlags(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        smoke: { type: 'boolean' },
        json: { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        // What the processes below are started with.
        measure: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new SiriusError({
      code: 'bench-flag',
      message: `bench: ${(error as Error).message}`,
      hint: '`npm run bench -- --help` lists the flags.',
    });
  }
}

function parseRounds(text: string): number {
  const rounds = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (rounds > 0) return rounds;
  throw usageError({
    code: 'bench-rounds',
    where: '--rounds',
    expected: 'a whole number from 1 to 999',
    got: `"${text}"`,
    hint: 'Leave it out for 3.',
  });
}

function hostOf(): BenchHost {
  const { cpu, node, commit, version } = describeHost({ wallTimeNs: 0, simulatingNs: 0, sentPackets: 0 });
  return { cpu, cpuCount: cpus().length, loadAverage: loadavg()[0] ?? 0, node, commit, version };
}

function readInFreshProcess({ name }: Measurement, size: BenchSize): Promise<TimedReading> {
  const script = packagePath('dist', 'bench', 'main.js');
  const parameters = ['--measure', name, ...(size === 'smoke' ? ['--smoke'] : [])];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as TimedReading);
      else reject(new Error(`${name}: expected exit code 0, got ${signal ?? code}`));
    });
  });
}

function write(text: string): void {
  process.stdout.write(text);
}
