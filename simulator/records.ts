import { FlowFlag, type FlowState } from '../sirius-card/dataplane/flow-layout.js';
import type { Appliance } from './appliance.js';
import { INITIATOR_PORT_FIRST } from './traffic.js';

/** A record of a card's flow table, read as bytes. */
export interface CardRecord {
  card: number;
  /** Number of the flow that it is of; it need not be one of the hosts'. */
  flow: number;
  fnic: number;
  state: FlowState;
  isPoisoned: boolean;
  /** Whether the low endpoint of its key opened it. */
  initiatorIsLow: boolean;
  flags: number;
  /** For how long the card has seen none of its packets. */
  idleMs: number;
}

/** Everything that the cards hold. */
export function readRecords({ testbed, cards }: Appliance, nowNs: number): CardRecord[] {
  const { exports, dataPlane } = testbed;
  const records: CardRecord[] = [];
  for (const [card, { table, app }] of cards.entries()) {
    const nowMs = exports.cardMs(app, BigInt(Math.round(nowNs * 1000)));
    const slotCount = exports.flowTableSlotCount(table);
    if (exports.flowTableCount(table) === 0) continue;
    for (let slot = 0; slot < slotCount; slot++) {
      const address = exports.flowTableRecordAtSlot(table, slot);
      if (address === 0) continue;
      const view = new DataView(dataPlane.memory.buffer, address, 24);
      records.push(parseRecord(view, card, nowMs));
    }
  }
  return records;
}

function parseRecord(view: DataView, card: number, nowMs: number): CardRecord {
  const ports = [view.getUint16(8, true), view.getUint16(10, true)] as const;
  const flags = view.getUint8(17);
  return {
    card,
    flow: Math.max(...ports) - INITIATOR_PORT_FIRST,
    fnic: view.getUint16(12, true),
    state: view.getUint8(16),
    isPoisoned: (flags & FlowFlag.poison) !== 0,
    initiatorIsLow: (flags & FlowFlag.initiatorIsLow) !== 0,
    flags,
    idleMs: (nowMs - view.getUint32(20, true)) | 0,
  };
}
