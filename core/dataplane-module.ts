import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { instantiate } from '../dist/dataplane.js';
import { usageError } from './errors.js';
import { adviseHugePages } from './huge-pages.js';
import { packagePath } from './package-path.js';
import { formatBytes } from './units.js';

type Adapted = Awaited<ReturnType<typeof instantiate>>;

/** Structures of the data plane cross the border as addresses. */
type Plain<T> = T extends number | bigint | undefined ? T : T extends boolean ? boolean | number : number;
type PlainFunction<F> = F extends (...parameters: infer P) => infer R
  ? (...parameters: { [K in keyof P]: Plain<P[K]> }) => Plain<R>
  : never;

/**
 * The functions of the data plane, typed from what asc says of them. 32-bit results are unsigned (an address may be above
 * 2 GiB): a caller who expects a signed one writes `| 0`.
 */
export type DataPlaneExports = { [K in Exclude<keyof Adapted, 'memory'>]: PlainFunction<Adapted[K]> };

export type DataPlaneBuild = 'release' | 'debug';

/** One instance of the data plane with a memory of its own, which grows while a testbed is laid out and never afterwards. */
export interface DataPlane {
  exports: DataPlaneExports;
  memory: WebAssembly.Memory;
}

/** 4 GiB: the end of a 32-bit memory. Pages count against the process only when they are touched. */
const PAGE_COUNT_MAX = 65_536;
const PAGE_COUNT_START = 16;
const PAGE_BYTES = 65_536;

export interface LoadOptions {
  build?: DataPlaneBuild;
  /** A module of one's own, instead of a build that ships. */
  path?: string;
  /** Whether all code is compiled and optimised before the first call, or as it is used: under the wall clock that would be lateness. */
  compiles?: 'before' | 'meanwhile';
  /** See `adviseHugePages`. Not for tables of which a run touches a record here and there: each would cost a page. */
  hugePages?: boolean;
}

/** By path. */
const modules = new Map<string, WebAssembly.Module>();

/**
 * Makes a fresh data plane; the `debug` build has its assertions on. Throws WebAssembly's errors when the build is missing or broken.
 * Whatever is laid out in it later throws a SiriusError (usage) when the memory has no room for it.
 */
export function loadDataPlane({
  build = 'release',
  path = pathOf(build),
  compiles = 'meanwhile',
  hugePages = true,
}: LoadOptions = {}): DataPlane {
  if (compiles === 'before') {
    setFlagsFromString('--no-wasm-lazy-compilation');
    setFlagsFromString('--no-liftoff');
    modules.delete(path);
  }
  const memory = new WebAssembly.Memory({ initial: PAGE_COUNT_START, maximum: PAGE_COUNT_MAX, shared: true });
  if (hugePages) adviseHugePages(memory, PAGE_COUNT_MAX * PAGE_BYTES);
  const abort = (message: number, file: number, line: number, column: number): never => {
    const text = (address: number) => readString(memory, address >>> 0);
    throw new Error(`data plane: ${text(message) || 'assertion failed'} at ${text(file)}:${line}:${column}`);
  };
  const instance = new WebAssembly.Instance(compiledModule(path), { env: { memory, abort, arenaFull } });
  const unsigned: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(instance.exports)) {
    if (typeof value !== 'function') continue;
    unsigned[name] = (...parameters: unknown[]) => {
      const result = value(...parameters);
      return typeof result === 'number' ? result >>> 0 : result;
    };
  }
  return { exports: unsigned as unknown as DataPlaneExports, memory };
}

/** Called by core/dataplane/arena.ts. */
function arenaFull(askedBytes: number, usedBytes: number): never {
  throw usageError({
    code: 'memory',
    where: 'memory of the trial',
    expected: `at most ${formatBytes(PAGE_COUNT_MAX * PAGE_BYTES)} for packets, flow tables, connections and the capture together`,
    got: `${formatBytes(askedBytes)} more after ${formatBytes(usedBytes)}`,
    hint: 'Lower what is held at once: --rate, --duration, or the waits (-t tcp.hold=..., tcp.serverTurnaround, tcp.connectionTimeout); with --pcap also --pcap-packets.',
  });
}

function pathOf(build: DataPlaneBuild): string {
  return packagePath('dist', build === 'debug' ? 'dataplane.debug.wasm' : 'dataplane.wasm');
}

function compiledModule(path: string): WebAssembly.Module {
  let module = modules.get(path);
  if (!module) {
    module = new WebAssembly.Module(readFileSync(path));
    modules.set(path, module);
  }
  return module;
}

/** AssemblyScript strings are UTF-16 with their length in bytes four bytes before. */
function readString(memory: WebAssembly.Memory, address: number): string {
  if (address === 0) return '';
  const view = new DataView(memory.buffer);
  const bytes = view.getUint32(address - 4, true);
  let text = '';
  for (let offset = 0; offset < bytes; offset += 2)
    text += String.fromCharCode(view.getUint16(address + offset, true));
  return text;
}

/** Touches every page, so that none is faulted in while a clock runs. */
export function touchMemory({ memory }: DataPlane): void {
  const bytes = new Uint8Array(memory.buffer);
  for (let at = 0; at < bytes.length; at += SYSTEM_PAGE_BYTES) bytes[at] = bytes[at] as number;
}

/** Of the operating system; a larger one only means more touches than needed. */
const SYSTEM_PAGE_BYTES = 4096;
