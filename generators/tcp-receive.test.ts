import { describe, expect, test } from 'vitest';
import type { DataPlaneBuild } from '../core/dataplane-module.js';
import { buildTunnelFrame } from '../core/packet/frame.js';
import { TcpFlag } from '../core/packet/tcp.js';
import { buildBench } from './tcp-bench-fixture.js';

type Encapsulation = 'vxlan' | 'nvgre';

const IP_BYTES = 20;
const ETHERNET_BYTES = 14;
const OUTER_BYTES: Record<Encapsulation, number> = { vxlan: 50, nvgre: 42 };
/** Of the frames here, and so of its higher byte nothing. */
const UDP_LENGTH = 80;
/** VXLAN's flag that says that there is a VNI. */
const VNI_FLAG = 0x08;

/** Whether an end host takes a frame without minding a bit: `bit` is its value within byte `at`. */
function isOverlooked(encapsulation: Encapsulation, at: number, bit: number): boolean {
  const inner = OUTER_BYTES[encapsulation];
  const tunnel = ETHERNET_BYTES + IP_BYTES;
  const isAddress = at < 12 || (at >= inner && at < inner + 12);
  const tcp = inner + ETHERNET_BYTES + IP_BYTES;
  if (isAddress || at >= tcp + 20) return true;
  if (encapsulation === 'nvgre') return at >= tunnel + 4 && at < inner;
  // UDP's source port and checksum; and a length that leaves bytes over, as Ethernet may.
  const isShorter = at === tunnel + 5 && (UDP_LENGTH & bit) > 0;
  const isUdp = at === tunnel || at === tunnel + 1 || at === tunnel + 6 || at === tunnel + 7 || isShorter;
  return isUdp || (at >= tunnel + 8 && at < inner && !(at === tunnel + 8 && bit === VNI_FLAG));
}

/** The connection's SYN-ACK once more: its initial sequence numbers are 0. */
function synAck({
  encapsulation,
  profile,
}: { encapsulation: Encapsulation } & Pick<ReturnType<typeof buildBench>, 'profile'>) {
  const { clients, servers, firstVni } = profile;
  return buildTunnelFrame({
    ...{ outer: { source: 300, destination: 100 }, encapsulation, vni: firstVni },
    inner: {
      ...{ source: servers.firstAddress, destination: clients.firstAddress, frameBytes: 64 },
      transport: {
        ...{ kind: 'tcp', sourcePort: servers.firstPort, destinationPort: clients.firstPort },
        ...{ sequence: 0, acknowledgement: 1, flags: TcpFlag.syn | TcpFlag.ack },
      },
    },
  });
}

describe('of a frame in which one bit has changed, an end host takes none but those it may overlook', () => {
  test.each<[Encapsulation, DataPlaneBuild]>([
    ['vxlan', 'release'],
    ['vxlan', 'debug'],
    ['nvgre', 'release'],
    ['nvgre', 'debug'],
  ])('%s, %s build', (encapsulation, build) => {
    const bench = buildBench({
      ...{ durationNs: 1e6, rateCps: 1000, tunables: ['tcp.hold=1s'], profile: { encapsulation }, build },
    });
    const good = synAck({ encapsulation, profile: bench.profile });
    let nowNs = 1e6;
    bench.runTo(nowNs);
    const offer = (bytes: Uint8Array) => {
      const before = bench.generator.read();
      bench.inject(bytes, nowNs);
      nowNs += 10_000;
      bench.runTo(nowNs);
      const after = bench.generator.read();
      return after.duplicated + after.repeated - before.duplicated - before.repeated > 0;
    };
    expect(offer(good)).toBe(true);
    const taken: string[] = [];
    const overlooked: string[] = [];
    for (let at = 0; at < good.length; at++) {
      for (let bit = 1; bit < 256; bit <<= 1) {
        const bytes = good.slice();
        bytes[at] = (bytes[at] as number) ^ bit;
        if (offer(bytes)) taken.push(`${at}/${bit}`);
        if (isOverlooked(encapsulation, at, bit)) overlooked.push(`${at}/${bit}`);
      }
    }
    expect(taken).toEqual(overlooked);
  });
});
