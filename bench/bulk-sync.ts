import { PICOSECONDS_PER_NANOSECOND } from '../core/dataplane/contract.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { picoseconds, Testbed } from '../core/testbed.js';
import { FLOW_RECORD_STATE_OFFSET, FlowFlag, FlowState } from '../sirius-card/dataplane/flow-layout.js';
import type { CardModel } from '../sirius-card/model.js';
import type { Fabric } from '../targets/fabric/fabric.js';
import { buildTarget } from '../targets/target.js';
import { parseTarget } from '../targets/target-url.js';

/** One bulk synchronisation of a card that is full of connections. */
export interface BulkSyncReading {
  connections: number;
  /** Copied to the other card, and there at the end. */
  records: number;
  bytes: number;
  /** From the checkpoint until the last batch is acknowledged, to the ms; virtual. */
  tookNs: number;
}

/** The card that is left of a pair, and the one that comes back empty. */
const PRIMARY = 1;
const SECONDARY = 0;
const FNIC_COUNT = 16;
const LOOK_NS = 1e6;
/** Nothing that goes wrong is to run for ever. */
const LONGEST_NS = 600e9;
const PROTOCOL_TCP = 6;

/**
 * Lets a card copy all its connections to another one (section 3.2, X2 and X3), without other traffic: what holds the copying back is its own pace.
 * Connections are written into the card's table, as if they had been opened and were in use.
 */
export function measureBulkSync(model: CardModel, connections: number): BulkSyncReading {
  const testbed = new Testbed(loadDataPlane(), { packetCount: 1024, frameBytesMax: 128 });
  const [powerState] = model.powerStates;
  if (powerState === undefined) throw new Error('a model has a power state');
  const { cards, fabric } = buildTarget(testbed, parseTarget('card://pair'), {
    model: { ...model, ageing: { ...model.ageing, establishedIdleMs: 2 * (LONGEST_NS / 1e6) } },
    ...{ powerState, modelledTime: true, fnicCount: FNIC_COUNT, firstVni: 10_000, encapsulation: 'vxlan' },
    ...{ acls: [], replication: true, flowCapacity: connections, seed: 1 },
  });
  const [secondary, primary] = cards;
  if (fabric === undefined || primary === undefined || secondary === undefined) throw new Error('a pair');
  fill(testbed, primary.table, connections);
  const tookNs = copyAll(testbed, fabric);
  const { bytes } = fabric.cards.readChannel(PRIMARY, SECONDARY);
  return { connections, records: testbed.exports.flowTableCount(secondary.table), bytes, tookNs };
}

function fill(testbed: Testbed, table: number, connections: number): void {
  const { exports, dataPlane } = testbed;
  const bytes = new Uint8Array(dataPlane.memory.buffer);
  for (let index = 0; index < connections; index++) {
    const client = 0x0a000000 + (index >>> 16);
    const port = index & 0xffff;
    const record = exports.flowTableInsertTuple(
      table,
      client,
      0xac100001,
      port,
      80,
      index % FNIC_COUNT,
      PROTOCOL_TCP,
    );
    if (record === 0) throw new Error(`no room for connection ${index}`);
    bytes[record + FLOW_RECORD_STATE_OFFSET] = FlowState.synSent;
    bytes[record + FLOW_RECORD_STATE_OFFSET + 1] =
      FlowFlag.initiatorIsLow | FlowFlag.synAckSeen | FlowFlag.ackSeen;
  }
}

/** @returns how long it took */
function copyAll({ exports }: Testbed, fabric: Fabric): number {
  const fnics = Array.from({ length: FNIC_COUNT }, (_, fnic) => fnic);
  for (const fnic of fnics) {
    fabric.setRole(PRIMARY, fnic, { takesTraffic: true, peer: SECONDARY });
    fabric.setRole(SECONDARY, fnic, { takesTraffic: false, peer: PRIMARY });
  }
  fabric.cards.beginSync(PRIMARY, SECONDARY, fnics);
  for (let nowNs = LOOK_NS; nowNs <= LONGEST_NS; nowNs += LOOK_NS) {
    exports.engineRun(picoseconds(nowNs));
    if (!fabric.cards.isSyncing(PRIMARY, SECONDARY)) {
      return Number(exports.engineNowPs()) / PICOSECONDS_PER_NANOSECOND;
    }
  }
  throw new Error('the copy came to no end');
}
