import { usageError } from '../core/errors.js';
import { PICOSECONDS_PER_BYTE_AT_ONE_GBPS, picoseconds, wholePsPerByte } from '../core/testbed.js';
import type { YamlDocument } from '../core/yaml.js';
import { REFERENCE_WIRE_BYTES, SMALLEST_WIRE_BYTES } from './dataplane/card-layout.js';
import type { CardNumbers } from './model.js';

/** What numbers of a model must be to one another; the schema bounds each alone. @throws SiriusError (usage) with `file:line` */
export function checkModel(model: CardNumbers, document: YamlDocument): void {
  checkSums(model, document);
  checkLatencies(model, document);
  checkCache(model, document);
  checkLinkRate(model, document);
  checkPowerStates(model, document);
}

/** The least time that any packet takes from an ARM core out of the card: a smaller one than the reference packet is faster. */
export function leastReinjectionNs({ punt, mpu }: CardNumbers): number {
  return punt.reinjectionNs - (REFERENCE_WIRE_BYTES - SMALLEST_WIRE_BYTES) * mpu.perByteNs;
}

function checkSums({ mpu, punt }: CardNumbers, document: YamlDocument): void {
  const { receiveParse, ingressPipeline, flowTable, rewriteEgressPipeline, transmit } = mpu.stagesNs;
  const toArmNs = receiveParse + ingressPipeline + flowTable;
  const reinjectionNs = rewriteEgressPipeline + transmit;
  const sums = [
    {
      pointer: '/punt/toArmNs',
      got: punt.toArmNs,
      sum: toArmNs,
      of: 'receiveParse, ingressPipeline and flowTable',
    },
    {
      pointer: '/punt/reinjectionNs',
      got: punt.reinjectionNs,
      sum: reinjectionNs,
      of: 'rewriteEgressPipeline and transmit',
    },
    {
      pointer: '/mpu/smallestPacketNs',
      got: mpu.smallestPacketNs,
      sum: toArmNs + reinjectionNs,
      of: 'all stages',
    },
  ];
  for (const { pointer, got, sum, of } of sums) {
    if (picoseconds(got) === picoseconds(sum)) continue;
    throw usageError({
      code: 'model-sum',
      where: `${document.fileName}:${document.lineOf(`${pointer}/value`)}`,
      expected: `${pointer.slice(1).replace('/', '.')} to be the sum of ${of} of mpu.stagesNs (${nanoseconds(sum)})`,
      got: `${got}`,
      hint: 'Change the stages or the sum, so that they agree.',
    });
  }
}

/** Without the digits that floating-point sums add. */
function nanoseconds(ns: number): number {
  return Number(ns.toFixed(3));
}

/** Small packets must not leave before they came. */
function checkLatencies(model: CardNumbers, document: YamlDocument): void {
  if (leastReinjectionNs(model) > 0) return;
  const below = REFERENCE_WIRE_BYTES - SMALLEST_WIRE_BYTES;
  throw usageError({
    code: 'model-latency',
    where: `${document.fileName}:${document.lineOf('/mpu/perByteNs/value')}`,
    expected: `less than ${model.punt.reinjectionNs / below}: the smallest packet, ${below} B below the reference, must take more than no time for punt.reinjectionNs`,
    got: `${model.mpu.perByteNs}`,
    hint: 'Lower mpu.perByteNs, or raise punt.reinjectionNs.',
  });
}

function checkPowerStates({ powerStates }: CardNumbers, document: YamlDocument): void {
  for (const [i, { watts }] of powerStates.entries()) {
    const above = powerStates[i - 1]?.watts ?? Number.POSITIVE_INFINITY;
    if (watts < above) continue;
    throw usageError({
      code: 'model-power-states',
      where: `${document.fileName}:${document.lineOf(`/powerStates/${i}/watts/value`)}`,
      expected: `power states from the highest down, so less than ${above} W`,
      got: `${watts} W`,
      hint: 'Order the power states by power; the first is the baseline.',
    });
  }
}

/** The cache holds whole states, so many lines of them that the data plane's memory has room. */
function checkCache({ memory }: CardNumbers, document: YamlDocument): void {
  const { cacheBytes, stateBytes } = memory;
  const cacheBytesMax = stateBytes * CACHE_LINES_MAX;
  if (cacheBytes >= stateBytes && cacheBytes <= cacheBytesMax) return;
  throw usageError({
    code: 'model-cache',
    where: `${document.fileName}:${document.lineOf('/memory/cacheBytes/value')}`,
    expected: `from memory.stateBytes (${stateBytes}) to ${cacheBytesMax}, that is 1 to ${CACHE_LINES_MAX} lines`,
    got: `${cacheBytes}`,
    hint: 'A cache of one line hardly ever hits.',
  });
}

const CACHE_LINES_MAX = 2 ** 24;

/** Links count whole picoseconds for a byte: another rate would not be the one that is simulated. */
function checkLinkRate({ network }: CardNumbers, document: YamlDocument): void {
  const { linkRateGbps } = network;
  if (wholePsPerByte(linkRateGbps) !== undefined) return;
  const psPerByte = PICOSECONDS_PER_BYTE_AT_ONE_GBPS / linkRateGbps;
  const [below, above] = [plainRateGbps(Math.ceil(psPerByte), 1), plainRateGbps(Math.floor(psPerByte), -1)];
  throw usageError({
    code: 'model-link-rate',
    where: `${document.fileName}:${document.lineOf('/network/linkRateGbps/value')}`,
    expected: 'a rate at which a byte takes a whole number of picoseconds',
    got: `${linkRateGbps}, at which it takes ${psPerByte.toFixed(3)} ps`,
    hint: `The nearest such rates of three decimals are ${below} and ${above}.`,
  });
}

/** The first rate that can be written with three decimals, from so many picoseconds per byte on, up or down. */
function plainRateGbps(psPerByte: number, step: 1 | -1): number {
  let whole = psPerByte;
  while (!Number.isInteger((1000 * PICOSECONDS_PER_BYTE_AT_ONE_GBPS) / whole)) whole += step;
  return PICOSECONDS_PER_BYTE_AT_ONE_GBPS / whole;
}
