import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { packagePath } from '../core/package-path.js';
import { Random } from '../core/random.js';
import { wholePsPerByte } from '../core/testbed.js';
import { readYamlFile } from '../core/yaml.js';
import { ARM_CORE_COUNT_MAX, CARD_PORT_COUNT_MAX } from './dataplane/card-layout.js';
import { listModels, loadModel, mpuServiceNs, powerState } from './model.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = loadModel('dsc-200');
const { mpu, arm, punt, exchange } = model;

/** Capacity of a card pair: all ARM cores of two cards over the work of one connection (section 6.2, Figure 10b). */
function pairCps(armServiceScale: number): number {
  const connectionNs =
    arm.newFlowPrimaryNs + arm.newFlowSecondaryNs + 2 * (arm.finPrimaryNs + arm.finSecondaryNs);
  return (2 * model.armCores * 1e9) / (connectionNs * armServiceScale);
}

describe('the sums of dsc-200', () => {
  const pps = (watts: number) => 1e9 / mpuServiceNs(model, powerState(model, watts));
  const cps = (watts: number) => pairCps(powerState(model, watts).armServiceScale);
  const stages = Object.values(mpu.stagesNs).reduce((sum, stage) => sum + stage, 0);
  const cases: { name: string; got: number; expected: number; tolerance: number }[] = [
    { name: 'stages add up to 2.36 us', got: stages, expected: 2360, tolerance: 0 },
    { name: 'and are said to', got: mpu.smallestPacketNs, expected: 2360, tolerance: 0 },
    { name: '1500 B take 3.14 us', got: stages + (1500 - 64) * mpu.perByteNs, expected: 3140, tolerance: 1 },
    {
      name: 'the way to the ARM cores and out is the way through',
      got: punt.toArmNs + punt.reinjectionNs,
      expected: 2360,
      tolerance: 0,
    },
    {
      name: '10.4 us of ARM work per connection',
      got: (2 * model.armCores * 1e9) / pairCps(1),
      expected: 10_400,
      tolerance: 1e-6,
    },
    {
      name: 'a card alone carries what the pair does (Table 6)',
      got: (model.armCores * 1e9) / (arm.newFlowPrimaryNs + 2 * arm.finPrimaryNs),
      expected: pairCps(1),
      tolerance: 1e-3,
    },
    { name: '55 Mpps at 78 W', got: pps(78), expected: 55e6, tolerance: 0.1e6 },
    { name: '25% less at 52 W', got: pps(52) / pps(78), expected: 0.75, tolerance: 1e-9 },
    { name: 'in between at 68 W', got: pps(68) / pps(78), expected: 0.9, tolerance: 1e-9 },
    { name: 'up to 3M CPS at 78 W', got: cps(78), expected: 3.077e6, tolerance: 0.001e6 },
    { name: 'very little less at 68 W', got: cps(68), expected: 3.06e6, tolerance: 0.005e6 },
    { name: 'about 2.5M CPS at 52 W', got: cps(52), expected: 2.52e6, tolerance: 0.001e6 },
    { name: '52 W is 33% lower than the highest', got: 1 - 52 / 78, expected: 0.33, tolerance: 0.005 },
    {
      name: 'a full new-flow queue is 6.6 ms of work',
      got: arm.newFlowQueueSlots * arm.newFlowPrimaryNs,
      expected: 6.55e6,
      tolerance: 0.03e6,
    },
    {
      name: 'a batch between cards is not sent again while it waits in two of them',
      got: Math.min(exchange.resendNs - 2 * arm.newFlowQueueSlots * arm.newFlowPrimaryNs, 0),
      expected: 0,
      tolerance: 0,
    },
    {
      name: 'a full update queue is 1 ms of work',
      got: arm.updateQueueSlots * arm.finPrimaryNs,
      expected: 1e6,
      tolerance: 0.03e6,
    },
    {
      name: 'the link buffer is 84 us',
      got: (model.network.linkBufferBytes * 8) / model.network.linkRateGbps,
      expected: 84e3,
      tolerance: 200,
    },
  ];
  test.each(cases)('$name', ({ got, expected, tolerance }) => {
    expect(Math.abs(got - expected)).toBeLessThanOrEqual(tolerance);
  });
});

describe('loading', () => {
  test('every number of the model has its origin and a source', () => {
    const { provenance, ...numbers } = model;
    expect(provenance.length).toBe(countNumbers(numbers));
    expect(provenance.find(({ path }) => path === 'mpu.serviceNs')).toEqual({
      path: 'mpu.serviceNs',
      value: 18.18,
      provenance: 'fitted',
      source: 'Figure 10a: over 50M packets per second; 1 / 18.18 ns = 55 Mpps',
    });
    expect(new Set(provenance.map((number) => number.provenance))).toEqual(
      new Set(['paper', 'derived', 'fitted', 'assumed']),
    );
    expect(provenance.filter(({ source }) => source.trim() === '')).toEqual([]);
  });

  test('models are listed and each loads', () => {
    expect(listModels()).toContain('dsc-200');
    for (const name of listModels()) expect(loadModel(name).name).toBe(name);
  });

  test('a model of the user is loaded by its path', () => {
    const path = edited('larger.yaml', (text) =>
      text.replace('armCores: { value: 16', 'armCores: { value: 24'),
    );
    expect(loadModel(path).armCores).toBe(24);
  });

  const lineOf = (text: string) => builtIn.split('\n').findIndex((line) => line.includes(text)) + 1;
  const builtIn = readFileSync(packagePath('sirius-card', 'models', 'dsc-200.yaml'), 'utf8');
  const sad: { name: string; from: string; to: string; text: string }[] = [
    { name: 'an unknown key', from: 'armCores:', to: 'armCorse:', text: 'armCorse' },
    { name: 'a wrong type', from: 'armCores: { value: 16', to: 'armCores: { value: many', text: 'many' },
    {
      name: 'an unknown origin',
      from: 'baselineClockGhz: { value: 1.5, provenance: paper',
      to: 'baselineClockGhz: { value: 1.5, provenance: hearsay',
      text: 'hearsay',
    },
    { name: 'a number that must not be zero', from: 'value: 18.18', to: 'value: 0', text: 'got 0' },
    { name: 'half a core', from: 'armCores: { value: 16', to: 'armCores: { value: 1.5', text: 'integer' },
    { name: 'a sum that is none', from: 'value: 1520', to: 'value: 1521', text: '(1520), got 1521' },
    {
      name: 'power states out of order',
      from: '- watts: { value: 68',
      to: '- watts: { value: 79',
      text: 'less than 78 W, got 79 W',
    },
  ];
  test.each(sad)('$name is refused with its line', ({ from, to, text }) => {
    const path = edited('wrong.yaml', (original) => original.replace(from, to));
    const error = errorOf(() => loadModel(path));
    if (from !== 'armCores:') expect(error.message).toContain(`wrong.yaml:${lineOf(from)}`);
    expect(error.message).toContain(text);
  });

  test('stages and their sums may have decimals', () => {
    const path = edited('decimals.yaml', (text) =>
      text
        .replace('receiveParse: { value: 420', 'receiveParse: { value: 420.1')
        .replace('ingressPipeline: { value: 620', 'ingressPipeline: { value: 620.2')
        .replace('value: 1520', 'value: 1520.3')
        .replace('value: 2360', 'value: 2360.3'),
    );
    expect(loadModel(path).punt.toArmNs).toBe(1520.3);
  });

  /** The model with some numbers replaced, their paths given as in `models show`. */
  const withNumbers = (numbers: Record<string, number>) => {
    const { value: tree } = readYamlFile(packagePath('sirius-card', 'models', 'dsc-200.yaml'));
    for (const [path, value] of Object.entries(numbers)) {
      const node = path.split('.').reduce((at, key) => (at as Record<string, unknown>)[key], tree);
      (node as { value: number }).value = value;
    }
    const file = join(folder, 'some-numbers.yaml');
    writeFileSync(file, JSON.stringify(tree));
    return file;
  };

  test.each<[path: string, max: number]>([
    ['armCores', ARM_CORE_COUNT_MAX],
    ['ports.count', CARD_PORT_COUNT_MAX],
    ['control.heartbeatIntervalNs', 4e9],
    ['control.probeIntervalNs', 4e9],
    ['arm.newFlowQueueSlots', 2 ** 20],
    ['arm.updateQueueSlots', 2 ** 20],
    ['ageing.establishedIdleMs', 2 ** 30],
    ['ageing.sweepPeriodMs', 2 ** 30],
    ['network.torToCardNs', 60e9],
    ['network.linkRateGbps', 8000],
    ['memory.flowRecords', 2 ** 27],
  ])('%s is at most %d', (path, max) => {
    expect(loadModel(withNumbers({ [path]: max })).name).toBe('dsc-200');
    const error = errorOf(() => loadModel(withNumbers({ [path]: max + 1 })));
    expect(error.message).toContain(
      `${path}.value: expected a number of at most ${max}, got ${max + 1}`.replace('.0.', '[0].'),
    );
  });

  test('what the control plane draws a number below is one that it can draw', () => {
    expect(new Random(1).below(4e9)).toBeLessThan(4e9);
  });

  test.each(model.provenance.map(({ path }) => path))('%s has a maximum', (path) => {
    expect(errorOf(() => loadModel(withNumbers({ [path]: 1e12 }))).message).toMatch(
      /expected a number of at most/,
    );
  });

  test.each([
    [300, '26.667 ps', '250 and 320'],
    [96, '83.333 ps', '80 and 100'],
    [7999, '1.000 ps', '4000 and 8000'],
    [0.3, '26666.667 ps', '0.256 and 0.32'],
  ])('a link of %d Gbps is refused: a byte takes %s', (rate, time, nearest) => {
    const error = errorOf(() => loadModel(withNumbers({ 'network.linkRateGbps': rate })));
    expect(error.message).toContain(`got ${rate}, at which it takes ${time}`);
    expect(error.hint).toContain(nearest);
  });

  test.each([1, 2.5, 10, 25, 40, 50, 100, 200, 400, 0.1, 1.28])(
    'a link of %d Gbps is simulated as it is',
    (rate) => {
      expect(loadModel(withNumbers({ 'network.linkRateGbps': rate })).network.linkRateGbps).toBe(rate);
      expect(wholePsPerByte(rate)).toBeCloseTo(8000 / rate, 9);
    },
  );

  test.each([
    ['smaller than a state', { 'memory.cacheBytes': 511 }],
    ['of too many lines', { 'memory.cacheBytes': 2 ** 30, 'memory.stateBytes': 1 }],
  ])('a cache %s is refused', (_case, numbers) => {
    expect(errorOf(() => loadModel(withNumbers(numbers))).code).toBe('model-cache');
  });

  test('unknown names list what there is', () => {
    expect(errorOf(() => loadModel('dsc-300')).message).toBe(
      '--model: expected a card model (dsc-200) or the path of a .yaml file, got "dsc-300"',
    );
    expect(errorOf(() => powerState(model, 60)).message).toBe(
      '--power: expected a power state of model dsc-200 (78W, 68W, 52W), got 60W',
    );
    expect(errorOf(() => loadModel('./no-such-model.yaml')).message).toContain('no-such-model.yaml');
  });

  function edited(name: string, edit: (text: string) => string): string {
    const path = join(folder, name);
    const text = edit(builtIn);
    expect(text).not.toBe(builtIn);
    writeFileSync(path, text);
    return path;
  }
});

function countNumbers(node: unknown): number {
  if (typeof node === 'number') return 1;
  return typeof node === 'object' && node !== null
    ? Object.values(node).reduce<number>((sum, child) => sum + countNumbers(child), 0)
    : 0;
}

function errorOf(action: () => unknown): SiriusError {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  return expect.fail('expected an error');
}
