import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { adviseHugePages } from '../core/huge-pages.js';
import { packagePath } from '../core/package-path.js';
import { formatBytes } from '../core/units.js';
import { TARGETS } from '../targets/target-url.js';
import { renderColumns } from './columns.js';

export interface Check {
  name: string;
  /** `missing` stops the program from working; `limited` costs what `neededFor` says. */
  state: 'ok' | 'limited' | 'missing';
  found: string;
  neededFor: string;
  /** What to do; empty when nothing needs doing. */
  hint: string;
}

export interface Diagnosis {
  /** Nothing that every run needs is missing. */
  ready: boolean;
  checks: Check[];
  /** Targets that this version can drive. */
  targets: string[];
  /** What it cannot, so that nobody looks for it. */
  cannot: string[];
}

/** One data plane with its tables at the paper's load (3M CPS, 64k flows under way). */
const MEMORY_BYTES_LEAST = 2 * 2 ** 30;

const CANNOT = [
  'real network interfaces: nothing leaves this process, so no root, NIC or DPDK is needed or used',
  'endpoints over kernel sockets (tcp, udp)',
];

// Two modules of one function each: v128.const with drop, and an atomic load from a shared memory.
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];
const THREADS_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65, 0, 254,
  16, 2, 0, 26, 11,
];

/** Looks at the machine; nothing on it is different afterwards. */
export function diagnose({ resultsFolder }: { resultsFolder: string }): Diagnosis {
  const checks = [
    checkNode(),
    checkWebAssembly('WebAssembly SIMD', SIMD_MODULE),
    checkWebAssembly('WebAssembly threads', THREADS_MODULE),
    checkDataPlane(),
    checkCores(),
    checkMemory(),
    checkHugePages(),
    checkResultsFolder(resultsFolder),
    checkTshark(),
  ];
  return {
    ready: checks.every(({ state }) => state !== 'missing'),
    checks,
    targets: TARGETS.map(({ url }) => url),
    cannot: CANNOT,
  };
}

export function renderDiagnosis(
  { ready, checks, targets, cannot }: Diagnosis,
  { columns }: { columns: number },
): string {
  const rows = checks.map(({ state, name, found, neededFor, hint }) => [
    state,
    name,
    found,
    hint === '' ? neededFor : `${neededFor}; ${hint}`,
  ]);
  return [
    renderColumns([['STATE', 'WHAT', 'FOUND', 'NEEDED FOR'], ...rows], { columns }),
    '',
    `This version drives ${targets.join(', ')}.`,
    'It does not drive:',
    ...cannot.map((line) => `- ${line}`),
    '',
    ready ? 'Ready: `sirius-bench cps` will run.' : 'Not ready: see what is missing above.',
  ].join('\n');
}

function checkNode(): Check {
  const { engines } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const least = engines.node.replace('>=', '');
  const fits = process.versions.node.localeCompare(least, 'en', { numeric: true }) >= 0;
  return {
    name: 'Node.js',
    state: fits ? 'ok' : 'missing',
    found: process.versions.node,
    neededFor: 'everything',
    hint: fits ? '' : `install ${least} or newer`,
  };
}

function checkWebAssembly(name: string, bytes: number[]): Check {
  const supported = WebAssembly.validate(Uint8Array.from(bytes));
  return {
    name,
    state: supported ? 'ok' : 'missing',
    found: supported ? 'yes' : 'no',
    neededFor: 'the data plane',
    hint: supported ? '' : 'use an official build of Node.js on a 64-bit processor',
  };
}

function checkDataPlane(): Check {
  const path = packagePath('dist', 'dataplane.wasm');
  const bytes = existsSync(path) ? readFileSync(path) : undefined;
  const usable = bytes !== undefined && WebAssembly.validate(bytes);
  return {
    name: 'data plane',
    state: usable ? 'ok' : 'missing',
    found: usable ? formatBytes(bytes.length) : bytes ? 'damaged' : 'no',
    neededFor: 'every trial',
    hint: usable ? '' : 'run `npm run build`',
  };
}

function checkCores(): Check {
  return {
    name: 'processor cores',
    state: 'ok',
    found: String(availableParallelism()),
    neededFor: 'one for a trial; more do not speed up one trial',
    hint: '',
  };
}

function checkMemory(): Check {
  const enough = totalmem() >= MEMORY_BYTES_LEAST;
  return {
    name: 'memory',
    state: enough ? 'ok' : 'limited',
    found: `${formatBytes(totalmem())}, ${formatBytes(freemem())} free`,
    neededFor: 'flow tables and packets under way',
    hint: enough ? '' : 'lower --rate if a trial ends for want of memory',
  };
}

const HUGE_PAGES_POLICY = '/sys/kernel/mm/transparent_hugepage/enabled';

function checkHugePages(): Check {
  const asked = adviseHugePages(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), 65_536);
  const policy = existsSync(HUGE_PAGES_POLICY) ? readFileSync(HUGE_PAGES_POLICY, 'utf8') : '';
  const given = policy.includes('[always]') || (asked && policy.includes('[madvise]'));
  return {
    name: 'huge pages',
    state: given ? 'ok' : 'limited',
    found: given ? 'yes' : 'no',
    neededFor: 'speed only: a trial takes some 6% less time',
    hint: given ? '' : `on Linux, install optional dependencies, and let ${HUGE_PAGES_POLICY} be madvise`,
  };
}

function checkResultsFolder(folder: string): Check {
  const problem = writeProblem(resolve(folder));
  return {
    name: 'results folder',
    state: problem === '' ? 'ok' : 'missing',
    found: problem === '' ? folder : problem,
    neededFor: 'storing runs',
    hint: problem === '' ? '' : 'choose another folder with --results-dir',
  };
}

/** Of a folder that is there, or of the nearest one above in which it would be made. */
function writeProblem(folder: string): string {
  let nearestFolder = folder;
  while (!existsSync(nearestFolder)) nearestFolder = dirname(nearestFolder);
  try {
    // Permissions tell root nothing: only a try does.
    rmdirSync(mkdtempSync(join(nearestFolder, '.sirius-bench-doctor-')));
    return '';
  } catch {
    return `${nearestFolder} cannot be written`;
  }
}

function checkTshark(): Check {
  const { status, stdout } = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  const version = status === 0 ? (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'yes') : undefined;
  return {
    name: 'tshark',
    state: version ? 'ok' : 'limited',
    found: version ?? 'no',
    neededFor: 'tests of captures only; --pcap works without',
    hint: version ? '' : 'install the package tshark to run them',
  };
}
