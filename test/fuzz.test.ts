import { describe, expect, test } from 'vitest';
import { type DataPlaneBuild, loadDataPlane } from '../core/dataplane-module.js';
import { checksum } from '../core/packet/checksum.js';
import { ETHERNET_BYTES, EtherType, emitEthernet } from '../core/packet/ethernet.js';
import { buildTunnelFrame, type TunnelFrame } from '../core/packet/frame.js';
import { emitIpv4, IPV4_BYTES, IpProtocol } from '../core/packet/ipv4.js';
import { emitUdp, UDP_BYTES, updateUdpChecksum } from '../core/packet/udp.js';
import { Random } from '../core/random.js';
import { picoseconds, Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import { createCard } from '../sirius-card/card.js';
import { STATE_BATCH_RECORDS } from '../sirius-card/dataplane/card-layout.js';
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
  /** The card's flow table. */
  table: number;
  delivered(): number;
}

interface BedOptions {
  build: DataPlaneBuild;
  throughSwitch: boolean;
  /** Where the card's frames end: a sink counts them, a switch without routes drops them, those to other cards too. */
  end: 'sink' | 'switch';
}

/** Injected frames -> switch -> card -> sink, or straight into the card. */
function buildBed({ build, throughSwitch, end }: BedOptions): Bed {
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
  const place = testbed.addPlace('end', 'generator');
  const last =
    end === 'sink'
      ? exports.sinkCreate(testbed.pool, place, out)
      : exports.switchCreate(testbed.pool, place, UNDERLAY_PREFIX, 0n);
  if (end === 'switch') exports.switchAddPort(last, out, unused);
  for (const app of [node, card.app, last]) testbed.addApp(app);
  return {
    testbed,
    input: throughSwitch ? toSwitch : toCard,
    table: card.table,
    delivered: () => (end === 'sink' ? Number(exports.sinkDelivered(last)) : 0),
  };
}

type Transport = TunnelFrame['inner']['transport'];

function validTransport(random: Random): Transport {
  const sourcePort = 1024 + random.below(64);
  if (random.chance(1, 12))
    return { kind: 'icmp', type: random.pick([0, 8, 128, 129]), identifier: sourcePort, sequence: 1 };
  if (random.chance(1, 8)) return { kind: 'udp', sourcePort, destinationPort: 53 };
  return {
    kind: 'tcp',
    sourcePort,
    destinationPort: 80,
    sequence: 1,
    acknowledgement: 2,
    flags: random.pick(TCP_FLAGS),
    window: 100,
  };
}

function validAddresses(random: Random): Pick<TunnelFrame['inner'], 'source' | 'destination'> {
  const [client, server] = [random.below(4), random.below(4)];
  if (random.chance(1, 8)) {
    return {
      source: (0xfd00n << 112n) + BigInt(client),
      destination: (0xfd01n << 112n) + BigInt(server),
    };
  }
  return { source: 0x0a00_0000 + client, destination: 0xac10_0000 + server };
}

function validFrame(random: Random): Uint8Array {
  const fnic = random.below(FNIC_COUNT);
  const { virtualAddress, hostAddress, networkAddress } = tunnelEndsOf(fnic);
  const bytes = buildTunnelFrame({
    outer: {
      source: random.pick([hostAddress, networkAddress, cardAddress(1)]),
      destination: random.pick([virtualAddress, virtualAddress, virtualAddress, cardAddress(0), hostAddress]),
      vlanIds: random.chance(1, 10) ? [7] : [],
    },
    encapsulation: random.chance(1, 4) ? 'nvgre' : 'vxlan',
    vni: FIRST_VNI + fnic,
    mark: random.pick(MARKS),
    inner: { ...validAddresses(random), transport: validTransport(random), frameBytes: INNER_BYTES },
  });
  if (random.chance(1, 10)) tagInner(bytes);
  return bytes;
}

/** Room for a TCP header in IPv6, and for a tag in place of padding. */
const INNER_BYTES = 80;

/** Gives the inner frame a VLAN tag, which takes the place of padding. */
function tagInner(bytes: Uint8Array): void {
  const inner = bytes.subarray(bytes.length - INNER_BYTES);
  inner.copyWithin(16, 12, INNER_BYTES - 4);
  inner.set([0x81, 0x00, 0x00, 0x07], 12);
}

/** A batch for the card, or an acknowledgement, from the other one, as sirius-card/dataplane/state-frame.ts has them. */
function stateFrame(random: Random): Uint8Array {
  const count = random.pick([0, 1, 2, 7, STATE_BATCH_RECORDS]);
  const content = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES;
  const bytes = new Uint8Array(content + STATE_HEADER_BYTES + count * STATE_ENTRY_BYTES);
  const [source, destination] = [cardAddress(1), cardAddress(0)];
  const ip = emitEthernet(bytes, 0, { source: 0x02, destination: 0x04, etherType: EtherType.ipv4 });
  const totalBytes = bytes.length - ETHERNET_BYTES;
  const udp = emitIpv4(bytes, ip, { source, destination, protocol: IpProtocol.udp, totalBytes });
  const segmentBytes = totalBytes - IPV4_BYTES;
  emitUdp(bytes, udp, { sourcePort: STATE_PORT, destinationPort: STATE_PORT, segmentBytes });
  const view = new DataView(bytes.buffer);
  const header = [random.pick([1, 1, 1, 2, 0, 9]), count, random.below(64), random.below(3)];
  for (const [index, word] of header.entries()) view.setUint32(content + 4 * index, word, true);
  for (let entry = 0; entry < count; entry++) {
    const at = content + STATE_HEADER_BYTES + entry * STATE_ENTRY_BYTES;
    view.setBigUint64(at, BigInt(random.nextU32() % 512), true);
    view.setBigUint64(at + 8, (BigInt(random.below(FNIC_COUNT + 1)) << 32n) | 80n, true);
    view.setUint8(at + 16, random.pick([0, 1, 2, 3, 7, 0xff]));
    view.setUint8(at + 17, random.nextU32() & 0xff);
    view.setUint32(at + 20, random.pick([0, 5, 5000, 0xffff_ffff]), true);
  }
  updateUdpChecksum(bytes, udp, { source, destination });
  return bytes;
}

const STATE_PORT = 49153;
const STATE_HEADER_BYTES = 16;
const STATE_ENTRY_BYTES = 24;
const STATE_FRAME_BYTES_MAX = 1514;
const CONTROL_PACKET_COUNT = 8192;
/** Where a checksum of zero says that there is none. */
const UDP_CHECKSUM = ETHERNET_BYTES + IPV4_BYTES + 6;

/** Changes `bytes` of `scratch` in place, and returns how many are to be sent. */
function mutate(scratch: Uint8Array, bytes: number, random: Random): number {
  switch (random.below(8)) {
    case 0:
      return bytes;
    case 1:
      return random.below(bytes + 1);
    case 2:
      return bytes + random.below(scratch.length - bytes + 1);
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
  const bed = buildBed({ build, throughSwitch, end: 'sink' });
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

describe('mutated frames between cards', () => {
  test.each([
    { build: 'release', throughSwitch: false, frameCount: 100_000 },
    { build: 'debug', throughSwitch: true, frameCount: 20_000 },
  ] as const)(
    '$frameCount through the $build build, switch: $throughSwitch',
    ({ build, throughSwitch, frameCount }) => {
      const { testbed, input, table } = buildBed({ build, throughSwitch, end: 'switch' });
      const { exports, dataPlane } = testbed;
      const pool = exports.controlPoolCreate(CONTROL_PACKET_COUNT, STATE_FRAME_BYTES_MAX);
      const random = new Random(`fuzz-exchange-${build}-${throughSwitch}`);
      const corpus = Array.from({ length: 256 }, () => stateFrame(random));
      const address = exports.arenaAllocate(STATE_FRAME_BYTES_MAX);
      const scratch = new Uint8Array(dataPlane.memory.buffer, address, STATE_FRAME_BYTES_MAX);
      let flowsMax = 0;
      for (let frame = 0; frame < frameCount; frame++) {
        const original = random.pick(corpus);
        scratch.fill(0);
        scratch.set(original);
        const bytes = mutate(scratch, original.length, random);
        // Without a checksum, what was changed in the content is read.
        if (random.chance(1, 2)) scratch.fill(0, UDP_CHECKSUM, UDP_CHECKSUM + 2);
        exports.linkInject(pool, input, address, bytes, picoseconds(frame * STEP_NS));
        if (frame % 64 !== 63) continue;
        exports.engineRun(picoseconds((frame + 1) * STEP_NS));
        flowsMax = Math.max(flowsMax, exports.flowTableCount(table));
      }
      exports.engineRun(picoseconds(frameCount * STEP_NS + 1e9));
      expect(exports.poolOutstanding(pool)).toBe(0);
      expect(testbed.inFlight()).toBe(0);
      // Batches were taken, and what was none was dropped; neither counts as a loss of traffic.
      expect(flowsMax).toBeGreaterThan(100);
      expect(Number(exports.controlDropped())).toBeGreaterThan(frameCount / 10);
      expect(testbed.drops()).toEqual([]);
    },
  );
});

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
