import { readFileSync } from 'node:fs';
import type { instantiate } from '../dist/dataplane.js';
import { packagePath } from './package-path.js';

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

const modules = new Map<DataPlaneBuild, WebAssembly.Module>();

/** Makes a fresh data plane; the `debug` build has its assertions on. Throws WebAssembly's errors when the build is missing or broken. */
export function loadDataPlane({ build = 'release' }: { build?: DataPlaneBuild } = {}): DataPlane {
  const memory = new WebAssembly.Memory({ initial: PAGE_COUNT_START, maximum: PAGE_COUNT_MAX, shared: true });
  const abort = (message: number, file: number, line: number, column: number): never => {
    const text = (address: number) => readString(memory, address >>> 0);
    throw new Error(`data plane: ${text(message) || 'assertion failed'} at ${text(file)}:${line}:${column}`);
  };
  const instance = new WebAssembly.Instance(compiledModule(build), { env: { memory, abort } });
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

function compiledModule(build: DataPlaneBuild): WebAssembly.Module {
  let module = modules.get(build);
  if (!module) {
    const name = build === 'debug' ? 'dataplane.debug.wasm' : 'dataplane.wasm';
    module = new WebAssembly.Module(readFileSync(packagePath('dist', name)));
    modules.set(build, module);
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
