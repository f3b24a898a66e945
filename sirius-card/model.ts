import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { usageError } from '../core/errors.js';
import { packagePath } from '../core/package-path.js';
import { createValidator } from '../core/schema.js';
import { readYamlFile, type YamlDocument } from '../core/yaml.js';
import type { ControlTiming } from './control/timing.js';
import { checkModel } from './model-checks.js';

/** Where a number comes from: the paper, a sum over the paper's numbers, a fit to one of them, or none of these. */
export type Provenance = 'paper' | 'derived' | 'fitted' | 'assumed';

export interface PowerState {
  watts: number;
  mpuClockGhz: number;
  /** ARM service times are multiplied by this. */
  armServiceScale: number;
}

/** The numbers of a card model. What each means and where it comes from stands in sirius-card/models/dsc-200.yaml. */
export interface CardNumbers {
  ports: { count: number; rateGbps: number };
  armCores: number;
  mpu: {
    baselineClockGhz: number;
    /** Time between packets that the pipelines finish at the baseline clock: the inverse of their throughput. */
    serviceNs: number;
    /** Latency per byte beyond the smallest packet. */
    perByteNs: number;
    queueLimitNs: number;
    /** Latency of the smallest packet in each stage. */
    stagesNs: {
      receiveParse: number;
      ingressPipeline: number;
      flowTable: number;
      rewriteEgressPipeline: number;
      transmit: number;
    };
    /** The sum of the stages. */
    smallestPacketNs: number;
  };
  /** DRAM with the flow table, and the cache before it. */
  memory: {
    flowRecords: number;
    /** State that one lookup reads. */
    stateBytes: number;
    /** In 10^9 bytes per second. */
    bandwidthGBps: number;
    cacheBytes: number;
  };
  /** The way of a packet over the ARM cores: to them, and from them out of the card. */
  punt: { toArmNs: number; reinjectionNs: number };
  /** Service times of one core at the baseline power state. */
  arm: {
    newFlowPrimaryNs: number;
    newFlowSecondaryNs: number;
    finPrimaryNs: number;
    finSecondaryNs: number;
    newFlowQueueSlots: number;
    updateQueueSlots: number;
  };
  /** Copies of flows between cards. */
  exchange: {
    /** What a batch costs an ARM core, on both cards. */
    batchNs: number;
    /** Between two batches of flows that are over. */
    intervalNs: number;
    /** Between two batches of a bulk synchronisation. */
    bulkIntervalNs: number;
    /** Until a batch that was not acknowledged is sent again. */
    resendNs: number;
  };
  ageing: {
    establishedIdleMs: number;
    halfOpenIdleMs: number;
    closedLingerMs: number;
    sweepPeriodMs: number;
  };
  /** From the highest power down; the first is the baseline. */
  powerStates: PowerState[];
  network: {
    linkRateGbps: number;
    generatorToTorNs: number;
    torToCardNs: number;
    torForwardingNs: number;
    linkBufferBytes: number;
  };
  control: ControlTiming;
}

export interface CardModel extends CardNumbers {
  name: string;
  description: string;
  /** Every number of the model with its origin, in the order of the file. */
  provenance: ModelNumber[];
}

export interface ModelNumber {
  /** `mpu.serviceNs`, `powerStates.0.watts`. */
  path: string;
  value: number;
  provenance: Provenance;
  source: string;
}

/**
 * Reads a model that ships with the package by its name, or any by the path of its file (`.yaml`; schema:
 * sirius-card/schemas/model.schema.json).
 * @throws SiriusError for an unknown name (it lists the models there are), and with `file:line` for a wrong file.
 */
export function loadModel(nameOrPath: string): CardModel {
  const document = readYamlFile(modelPath(nameOrPath));
  const file = validator()(document);
  const provenance: ModelNumber[] = [];
  const numbers = plainNumbers(file, '', provenance) as CardNumbers & ModelFile;
  const { schema: _, ...model } = numbers;
  checkModel(model, document);
  return { ...model, provenance };
}

/** Names of the models that ship with the package, sorted. */
export function listModels(): string[] {
  return readdirSync(modelsFolder())
    .filter((file) => file.endsWith(MODEL_SUFFIX))
    .map((file) => basename(file, MODEL_SUFFIX))
    .sort();
}

/** The power state of a model that draws `watts`. @throws SiriusError that lists the states there are. */
export function powerState(model: CardModel, watts: number): PowerState {
  const state = model.powerStates.find((candidate) => candidate.watts === watts);
  if (state !== undefined) return state;
  const known = model.powerStates.map((candidate) => `${candidate.watts}W`).join(', ');
  throw usageError({
    code: 'unknown-power-state',
    where: '--power',
    expected: `a power state of model ${model.name} (${known})`,
    got: `${watts}W`,
    hint: `Choose one of ${known}.`,
  });
}

/** Time between packets that the pipelines finish in a power state: it grows as the clock falls. */
export function mpuServiceNs(model: CardModel, state: PowerState): number {
  return (model.mpu.serviceNs * model.mpu.baselineClockGhz) / state.mpuClockGhz;
}

const MODEL_SUFFIX = '.yaml';

interface ModelFile {
  schema: string;
  name: string;
  description: string;
}

function modelsFolder(): string {
  return packagePath('sirius-card', 'models');
}

function modelPath(nameOrPath: string): string {
  if (nameOrPath.includes('/') || nameOrPath.endsWith(MODEL_SUFFIX)) return nameOrPath;
  const names = listModels();
  if (names.includes(nameOrPath)) return packagePath('sirius-card', 'models', `${nameOrPath}${MODEL_SUFFIX}`);
  throw usageError({
    code: 'unknown-model',
    where: '--model',
    expected: `a card model (${names.join(', ')}) or the path of a ${MODEL_SUFFIX} file`,
    got: JSON.stringify(nameOrPath),
    hint: `Choose one of ${names.join(', ')}.`,
  });
}

let cachedValidator: ((document: YamlDocument) => ModelFile) | undefined;

function validator(): (document: YamlDocument) => ModelFile {
  const schemaPath = packagePath('sirius-card', 'schemas', 'model.schema.json');
  cachedValidator ??= createValidator<ModelFile>(JSON.parse(readFileSync(schemaPath, 'utf8')));
  return cachedValidator;
}

/** The same tree with `{ value, provenance, source }` replaced by the value; what it leaves out goes to `found`. */
function plainNumbers(node: unknown, path: string, found: ModelNumber[]): unknown {
  const below = (key: string | number) => (path === '' ? `${key}` : `${path}.${key}`);
  if (Array.isArray(node)) return node.map((item, i) => plainNumbers(item, below(i), found));
  if (typeof node !== 'object' || node === null) return node;
  if (isModelNumber(node)) {
    found.push({ path, value: node.value, provenance: node.provenance, source: node.source });
    return node.value;
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, plainNumbers(value, below(key), found)]),
  );
}

function isModelNumber(node: object): node is ModelNumber {
  return 'value' in node && 'provenance' in node;
}
