import { picoseconds, type Testbed, type TunnelEnds } from '../core/testbed.js';
import { ArmOperation } from './dataplane/card-layout.js';
import { type CardModel, mpuServiceNs, type PowerState } from './model.js';

export interface CardFnic {
  takesTraffic: boolean;
  /** The card with the other copy of its flows' state; undefined: there is none. */
  peer: number | undefined;
  /** Address of the compiled policy; 0 allows all. */
  acl: number;
  ends: TunnelEnds;
}

export interface CardOptions {
  name: string;
  model: CardModel;
  powerState: PowerState;
  /** False under the wall clock: stages and operations take no modelled time. */
  modelledTime: boolean;
  /** Which of the testbed's cards it is. */
  index: number;
  /** Of every card of the testbed. */
  addresses: readonly { address: number; mac: bigint }[];
  firstVni: number;
  encapsulation: 'vxlan' | 'nvgre';
  flowCapacity: number;
  seed: number;
  fnics: CardFnic[];
}

/** Addresses in the data plane. */
export interface Card {
  app: number;
  arm: number;
  table: number;
  counters: number;
  transit: number;
  pingPong: number;
}

/** Lays a card out in a testbed: ARM cores, flow table, pipelines, fNICs and its peer. The caller attaches its ports. */
export function createCard(testbed: Testbed, options: CardOptions): Card {
  const { exports } = testbed;
  const arm = createArm(testbed, options);
  const { ageing } = options.model;
  const table = exports.flowTableCreate(
    options.flowCapacity,
    BigInt(options.seed) + 1n,
    ageing.establishedIdleMs,
    ageing.halfOpenIdleMs,
    ageing.closedLingerMs,
    ageing.sweepPeriodMs,
  );
  const place = testbed.addPlace(options.name, 'card');
  const app = exports.cardCreate(
    testbed.pool,
    place,
    options.index,
    addressOf(options).address,
    options.firstVni,
    options.fnics.length,
    arm,
    table,
  );
  setPipelines(testbed, app, options);
  setWays(testbed, app, options);
  for (const [index, fnic] of options.fnics.entries()) {
    setFnic(testbed, app, index, fnic, options);
    exports.cardSetRole(app, index, fnic.takesTraffic ? 1 : 0, fnic.peer ?? NO_PEER);
  }
  return {
    app,
    arm,
    table,
    counters: exports.cardCounters(app),
    transit: exports.cardTransit(app),
    pingPong: exports.cardPingPong(app),
  };
}

/** As the data plane has it. */
export const NO_PEER = -1;

function addressOf({ addresses, index }: CardOptions): { address: number; mac: bigint } {
  const own = addresses[index];
  if (own === undefined) throw new RangeError(`card ${index} of ${addresses.length}`);
  return own;
}

/** How the card reaches the others, and how it paces what it tells them. */
function setWays(testbed: Testbed, app: number, options: CardOptions): void {
  const { exports } = testbed;
  const { address, mac } = addressOf(options);
  for (const [peer, to] of options.addresses.entries()) {
    if (peer === options.index) continue;
    exports.cardSetWay(app, peer, exports.encapsulationCreate(0, 0, address, to.address, mac, to.mac));
  }
  const { intervalNs, bulkIntervalNs, resendNs } = options.model.exchange;
  exports.cardSetExchange(app, picoseconds(intervalNs), picoseconds(bulkIntervalNs), picoseconds(resendNs));
}

function createArm(testbed: Testbed, { model, powerState, modelledTime }: CardOptions): number {
  const { exports } = testbed;
  const arm = exports.armCreate(model.armCores, model.arm.newFlowQueueSlots, model.arm.updateQueueSlots);
  const serviceNs: Record<ArmOperation, number> = {
    [ArmOperation.newFlowPrimary]: model.arm.newFlowPrimaryNs,
    [ArmOperation.newFlowSecondary]: model.arm.newFlowSecondaryNs,
    [ArmOperation.finPrimary]: model.arm.finPrimaryNs,
    [ArmOperation.finSecondary]: model.arm.finSecondaryNs,
    [ArmOperation.stateSend]: model.exchange.batchNs,
    [ArmOperation.stateReceive]: model.exchange.batchNs,
  };
  for (const [operation, ns] of Object.entries(serviceNs)) {
    exports.armSetService(
      arm,
      Number(operation),
      picoseconds(modelledTime ? ns * powerState.armServiceScale : 0),
    );
  }
  return arm;
}

function setPipelines(testbed: Testbed, app: number, { model, powerState, modelledTime }: CardOptions): void {
  const time = (ns: number) => picoseconds(modelledTime ? ns : 0);
  testbed.exports.cardSetPipelines(
    app,
    time(mpuServiceNs(model, powerState)),
    modelledTime ? picoseconds(model.mpu.queueLimitNs) : 1n << 62n,
    time(model.mpu.smallestPacketNs),
    time(model.punt.toArmNs),
    time(model.punt.reinjectionNs),
    time(model.mpu.perByteNs),
  );
  const { stateBytes, bandwidthGBps, cacheBytes } = model.memory;
  const lineCount = 2 ** Math.floor(Math.log2(cacheBytes / stateBytes));
  testbed.exports.cardSetMemory(app, time(stateBytes / bandwidthGBps), lineCount);
}

function setFnic(
  testbed: Testbed,
  app: number,
  index: number,
  { acl, ends }: CardFnic,
  options: CardOptions,
): void {
  const { exports } = testbed;
  const isNvgre = options.encapsulation === 'nvgre' ? 1 : 0;
  const vni = options.firstVni + index;
  const toHost = exports.encapsulationCreate(
    isNvgre,
    vni,
    ends.virtualAddress,
    ends.hostAddress,
    addressOf(options).mac,
    ends.hostMac,
  );
  const toNetwork = exports.encapsulationCreate(
    isNvgre,
    vni,
    ends.virtualAddress,
    ends.networkAddress,
    addressOf(options).mac,
    ends.networkMac,
  );
  exports.cardSetFnic(app, index, ends.virtualAddress, ends.hostAddress, acl, toHost, toNetwork);
}
