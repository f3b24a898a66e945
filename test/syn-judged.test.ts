import { describe, expect, test } from 'vitest';
import { loadDataPlane } from '../core/dataplane-module.js';
import { buildTunnelFrame } from '../core/packet/frame.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { compilePolicy } from '../sirius-card/acl/compiler.js';
import { ANY_ADDRESS, ANY_PORT } from '../sirius-card/acl/rule.js';
import { createCard, NO_PEER } from '../sirius-card/card.js';
import { FlowFlag, FlowState } from '../sirius-card/dataplane/flow-layout.js';
import { loadModel, powerState } from '../sirius-card/model.js';
import { cardAddress, macOf, tunnelEndsOf } from '../targets/underlay.js';

// A record admits the packets of its connection, but no other connection's first one: the card may not have seen its own one's end.

const FIRST_VNI = 10_000;
const FRAME_BYTES_MAX = 128;
const SYN = 2;
const ACK = 16;
const [MACHINE, NETWORK] = [0x0a000001, 0xac100001];
const PORTS = { sourcePort: 4000, destinationPort: 8001 };

/** A card alone with one connection that is open, and a policy that denies it or not. */
function play(flags: number, { state, denies }: { state: FlowState; denies: boolean }) {
  const dataPlane = loadDataPlane({ build: 'debug' });
  const { exports } = dataPlane;
  const testbed = new Testbed(dataPlane, { packetCount: 16, frameBytesMax: FRAME_BYTES_MAX });
  const link = (name: string) =>
    testbed.addLink({
      ...{ name, owner: 'switch', latencyNs: 500, rateGbps: 0 },
      ...{ bufferBytes: UNBOUNDED_BYTES, lookaheadNs: 0 },
    });
  const [input, output] = [link('in'), link('out')];
  const { bytes } = compilePolicy({
    levels: [
      {
        ...{ name: 'fnic', defaultAction: denies ? 'deny' : 'allow' },
        rules: [
          {
            ...{ priority: 1, action: 'allow', protocols: [17] },
            ...{ sources: [ANY_ADDRESS], destinations: [ANY_ADDRESS] },
            ...{ sourcePorts: [ANY_PORT], destinationPorts: [ANY_PORT] },
          },
        ],
      },
    ],
  });
  const acl = exports.arenaAllocate(bytes.length);
  new Uint8Array(dataPlane.memory.buffer).set(bytes, acl);
  const model = loadModel('dsc-200');
  const ends = tunnelEndsOf(0);
  const card = createCard(testbed, {
    ...{ name: 'card1', model, powerState: powerState(model, 78), modelledTime: true, index: 0 },
    addresses: [{ address: cardAddress(0), mac: macOf(cardAddress(0)) }],
    ...{ firstVni: FIRST_VNI, encapsulation: 'vxlan', flowCapacity: 100, seed: 1 },
    fnics: [{ takesTraffic: true, peer: undefined, acl, ends }],
  });
  exports.cardSetRole(card.app, 0, 1, NO_PEER);
  exports.cardAddPort(card.app, input, output);
  const sink = exports.sinkCreate(testbed.pool, testbed.addPlace('sink', 'generator'), output);
  for (const app of [card.app, sink]) testbed.addApp(app);
  const record = exports.flowTableInsertTuple(
    ...([card.table, MACHINE, NETWORK, PORTS.sourcePort, PORTS.destinationPort, 0, 6] as const),
  );
  exports.flowTableWriteRecord(record, state, FlowFlag.initiatorIsLow | FlowFlag.ackSeen, 0);
  const frame = buildTunnelFrame({
    outer: { source: ends.hostAddress, destination: ends.virtualAddress },
    ...{ encapsulation: 'vxlan', vni: FIRST_VNI },
    inner: {
      ...{ source: MACHINE, destination: NETWORK, frameBytes: 64 },
      transport: { kind: 'tcp', ...PORTS, sequence: 1, acknowledgement: 0, flags, window: 100 },
    },
  });
  const scratch = exports.arenaAllocate(FRAME_BYTES_MAX);
  new Uint8Array(dataPlane.memory.buffer).set(frame, scratch);
  exports.linkInject(testbed.pool, input, scratch, frame.length, 0n);
  exports.engineRun(picoseconds(1e6));
  return {
    delivered: Number(exports.sinkDelivered(sink)),
    reasons: testbed.drops().map(({ reason }) => reason),
    state: exports.flowRecordState(record),
  };
}

describe.each([FlowState.synSent, FlowState.finFromInitiator, FlowState.finFromResponder])(
  'on a record in state %i',
  (state) => {
    test('a SYN that the policy denies is dropped, and the record stays', () => {
      expect(play(SYN, { state, denies: true })).toEqual({ delivered: 0, reasons: ['aclDenied'], state });
    });

    test('a SYN that it allows is forwarded, and the record stays', () => {
      expect(play(SYN, { state, denies: false })).toEqual({ delivered: 1, reasons: [], state });
    });

    test('what belongs to the connection is not judged again', () => {
      expect(play(ACK, { state, denies: true })).toEqual({ delivered: 1, reasons: [], state });
    });
  },
);

test('a SYN on a record that is over opens a new connection, if the policy allows it', () => {
  const state = FlowState.finBothInitiatorFirst;
  expect(play(SYN, { state, denies: true })).toEqual({ delivered: 0, reasons: ['aclDenied'], state });
  const opened = { delivered: 1, reasons: [], state: FlowState.synSent };
  expect(play(SYN, { state, denies: false })).toEqual(opened);
});
