import { describe, expect, test } from 'vitest';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { checksum } from '../core/packet/checksum.js';
import { buildTunnelFrame, type TunnelFrame } from '../core/packet/frame.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { createCard } from '../sirius-card/card.js';
import { loadModel, powerState } from '../sirius-card/model.js';
import { cardAddress, macOf, tunnelEndsOf, UNDERLAY_PREFIX } from '../targets/underlay.js';

// Mutated frames through a switch and a card: no trap, and every one of them delivered or dropped for a named reason.

const FRAME_BYTES_MAX = 256;
const FNIC_COUNT = 4;
const FIRST_VNI = 10_000;
const MARKS = [0, 1, 2, 3, 5, 6, 0xff];
const TCP_FLAGS = [0x02, 0x12, 0x10, 0x11, 0x04, 0x14, 0x18, 0x00, 0x03, 0xff];
const EDGE_BYTES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];
const STEP_NS = 200;

/** Where the headers begin in a frame without tags. */
const OUTER_IP = 14;

interface Bed {
  testbed: Testbed;
  input: number;
  delivered(): number;
}

/** Injected frames -> switch -> card -> sink, or straight into the card. */
function buildBed(build: DataPlaneBuild, throughSwitch: boolean): Bed {
  const dataPlane = loadDataPlane({ build });
  const { exports } = dataPlane;
  const model = loadModel('dsc-200');
  const testbed = new Testbed(dataPlane, { packetCount: 65_536, frameBytesMax: FRAME_BYTES_MAX });
  const link = (name: string) =>
    testbed.addLink({
      name,
      owner: 'switch',
      latencyNs: 500,
      rateGbps: 0,
      bufferBytes: UNBOUNDED_BYTES,
      lookaheadNs: 0,
    });
  const [toSwitch, toCard, out, unused] = [
    link('to-switch'),
    link('to-card'),
    link('out'),
    link('unused'),
  ] as [number, number, number, number];
  const card = createCard(testbed, {
    name: 'card1',
    model,
    powerState: powerState(model, 78),
    modelledTime: true,
    index: 0,
    addresses: [0, 1].map((index) => ({ address: cardAddress(index), mac: macOf(cardAddress(index)) })),
    firstVni: FIRST_VNI,
    encapsulation: 'vxlan',
    flowCapacity: 5000,
    seed: 1,
    fnics: Array.from({ length: FNIC_COUNT }, (_, fnic) => ({
      takesTraffic: fnic % 2 === 0,
      peer: 1,
      acl: 0,
      ends: tunnelEndsOf(fnic),
    })),
  });
  exports.cardAddPort(card.app, toCard, out);
  const node = exports.switchCreate(
    testbed.pool,
    testbed.addPlace('tor1', 'switch'),
    UNDERLAY_PREFIX,
    picoseconds(600),
  );
  const port = exports.switchAddPort(node, toSwitch, toCard);
  exports.switchSetRoute(node, cardAddress(0), port);
  for (let fnic = 0; fnic < FNIC_COUNT; fnic++)
    exports.switchSetRoute(node, tunnelEndsOf(fnic).virtualAddress, port);
  exports.switchAddPort(node, unused, unused);
  const sink = exports.sinkCreate(testbed.pool, testbed.addPlace('sink', 'generator'), out);
  for (const app of [node, card.app, sink]) testbed.addApp(app);
  return {
    testbed,
    input: throughSwitch ? toSwitch : toCard,
    delivered: () => Number(exports.sinkDelivered(sink)),
  };
}

function validFrame(random: Random): Uint8Array {
  const fnic = random.below(FNIC_COUNT);
  const { virtualAddress, hostAddress, networkAddress } = tunnelEndsOf(fnic);
  const sourcePort = 1024 + random.below(64);
  const transport: TunnelFrame['inner']['transport'] = random.chance(1, 8)
    ? { kind: 'udp', sourcePort, destinationPort: 53 }
    : {
        kind: 'tcp',
        sourcePort,
        destinationPort: 80,
        sequence: 1,
        acknowledgement: 2,
        flags: random.pick(TCP_FLAGS),
        window: 100,
      };
  return buildTunnelFrame({
    outer: {
      source: random.pick([hostAddress, networkAddress, cardAddress(1)]),
      destination: random.pick([virtualAddress, virtualAddress, virtualAddress, cardAddress(0), hostAddress]),
      vlanIds: random.chance(1, 10) ? [7] : [],
    },
    encapsulation: random.chance(1, 4) ? 'nvgre' : 'vxlan',
    vni: FIRST_VNI + fnic,
    mark: random.pick(MARKS),
    inner: {
      source: 0x0a00_0000 + random.below(4),
      destination: 0xac10_0000 + random.below(4),
      transport,
      frameBytes: 64,
    },
  });
}

/** Changes `bytes` of `scratch` in place, and returns how many are to be sent. */
function mutate(scratch: Uint8Array, bytes: number, random: Random): number {
  switch (random.below(8)) {
    case 0:
      return bytes;
    case 1:
      return random.below(bytes + 1);
    case 2:
      return bytes + random.below(FRAME_BYTES_MAX - bytes + 1);
    case 3:
      for (let at = random.below(bytes); at < bytes; at++) scratch[at] = random.nextU32();
      return bytes;
    case 4:
      scratch[random.below(bytes)] = random.pick(EDGE_BYTES);
      break;
    default:
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        const at = random.below(bytes);
        scratch[at] = (scratch[at] as number) ^ (1 << random.below(8));
      }
  }
  // Half of them with the outer header's checksum mended, so that what lies behind it is reached.
  if (random.chance(1, 2) && bytes >= OUTER_IP + 20) mendIpv4Checksum(scratch);
  return bytes;
}

function mendIpv4Checksum(scratch: Uint8Array): void {
  const header = scratch.subarray(OUTER_IP, OUTER_IP + 20);
  header[10] = 0;
  header[11] = 0;
  const sum = checksum(header);
  header[10] = sum >> 8;
  header[11] = sum & 0xff;
}

function fuzz(build: DataPlaneBuild, throughSwitch: boolean, frameCount: number): Bed {
  const bed = buildBed(build, throughSwitch);
  const { exports, pool, dataPlane } = bed.testbed;
  const random = new Random(`fuzz-${build}-${throughSwitch}`);
  const corpus = Array.from({ length: 512 }, () => validFrame(random));
  const address = exports.arenaAllocate(FRAME_BYTES_MAX);
  const scratch = new Uint8Array(dataPlane.memory.buffer, address, FRAME_BYTES_MAX);
  let injected = 0;
  for (let frame = 0; frame < frameCount; frame++) {
    const original = random.pick(corpus);
    scratch.fill(0);
    scratch.set(original);
    const bytes = mutate(scratch, original.length, random);
    injected += Number(
      exports.linkInject(pool, bed.input, address, bytes, BigInt(frame) * BigInt(STEP_NS * 1000)),
    );
    if (frame % 64 === 63) exports.engineRun(BigInt(frame + 1) * BigInt(STEP_NS * 1000));
  }
  expect(injected).toBe(frameCount);
  exports.engineRun(BigInt(frameCount) * BigInt(STEP_NS * 1000) + picoseconds(1e9));
  return bed;
}

describe('mutated frames', () => {
  test.each([
    { build: 'release', throughSwitch: false, frameCount: 700_000 },
    { build: 'release', throughSwitch: true, frameCount: 300_000 },
    { build: 'debug', throughSwitch: false, frameCount: 60_000 },
    { build: 'debug', throughSwitch: true, frameCount: 40_000 },
  ] as const)(
    '$frameCount through the $build build, switch: $throughSwitch',
    ({ build, throughSwitch, frameCount }) => {
      const { testbed, delivered } = fuzz(build, throughSwitch, frameCount);
      const drops = testbed.drops();
      const dropped = drops.reduce((sum, drop) => sum + drop.count, 0);
      expect({ delivered: delivered() + dropped, inFlight: testbed.inFlight() }).toEqual({
        delivered: frameCount,
        inFlight: 0,
      });
      const reasons = new Set(drops.map((drop) => drop.reason));
      // The corpus reaches every way out of the card.
      for (const reason of [
        'malformed',
        'checksum',
        'unsupported',
        'unknownFnic',
        'notPrimary',
        'noFlow',
        'invalidFlags',
        'staleReplication',
      ]) {
        expect(reasons, `no frame was dropped for ${reason}`).toContain(reason);
      }
      expect(delivered()).toBeGreaterThan(frameCount / 50);
    },
  );
});
