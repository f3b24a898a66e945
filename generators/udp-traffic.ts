import { FCS_BYTES, PREAMBLE_AND_GAP_BYTES } from '../core/dataplane/contract.js';
import { usageError } from '../core/errors.js';
import { addressesOverlap } from './address-capacity.js';
import { UDP_FLOW_COUNT_MAX } from './dataplane/generator-layout.js';
import { OUTER_BYTES } from './outer-bytes.js';
import { meanInnerFrameBytes, type PacketGenome } from './packet-genome.js';
import type { TrafficProfile } from './profile.js';

/** What a UDP generator offers. A profile gives the part that it shares with TCP; the orders of its endpoints do not matter here. */
export interface UdpTraffic
  extends Pick<
    TrafficProfile,
    'arrivals' | 'encapsulation' | 'fnicCount' | 'firstVni' | 'clients' | 'servers'
  > {
  genome: PacketGenome;
  /** Flows, all live at once: 1 to 67,108,864. */
  flowCount: number;
  /** Servers send every other packet of each flow, once it was learned. */
  bidirectional: boolean;
}

/** The data plane divides numbers below 2^27: more endpoints of a kind than this would never be met. */
const ENDPOINT_COUNT_MAX = 2 ** 26;

/** Endpoints as the flows of one fNIC meet them: server by server, then client address by client address, then by client port. */
export interface FlowEndpoints {
  clientAddressesPerFnic: number;
  serverAddressCount: number;
  serverPortCount: number;
}

export function flowEndpoints({ clients, servers, fnicCount }: UdpTraffic): FlowEndpoints {
  const serverAddressCount = Math.min(servers.addressCount, ENDPOINT_COUNT_MAX);
  return {
    clientAddressesPerFnic: Math.min(Math.floor(clients.addressCount / fnicCount), ENDPOINT_COUNT_MAX),
    serverAddressCount,
    serverPortCount: Math.min(servers.portCount, Math.floor(ENDPOINT_COUNT_MAX / serverAddressCount)),
  };
}

/** Bytes of the largest frame in memory: inner frame and outer headers, without FCS. */
export function udpFrameBytesMax({
  genome,
  encapsulation,
}: Pick<UdpTraffic, 'genome' | 'encapsulation'>): number {
  return Math.max(...genome.innerFrameBytes) + OUTER_BYTES[encapsulation];
}

/** Mean bytes that a packet takes on the wire: with FCS, preamble and gap. */
export function meanWireBytes({
  genome,
  encapsulation,
}: Pick<UdpTraffic, 'genome' | 'encapsulation'>): number {
  return meanInnerFrameBytes(genome) + OUTER_BYTES[encapsulation] + FCS_BYTES + PREAMBLE_AND_GAP_BYTES;
}

export interface LineRateOptions extends Pick<UdpTraffic, 'genome' | 'encapsulation' | 'flowCount'> {
  portCount: number;
  linkRateGbps: number;
}

/**
 * The highest rate in packets per second that the generator's ports carry, rounded down to a thousandth: 90.6M for each of 100 Gbps with
 * 64 B in VXLAN. A flow keeps to one port, so an odd number of flows on two ports fills one of them only in part.
 */
export function lineRatePps({ portCount, linkRateGbps, flowCount, ...traffic }: LineRateOptions): number {
  const portPps = (linkRateGbps * 1e9) / (8 * meanWireBytes(traffic));
  const busiestShare = Math.ceil(flowCount / portCount) / flowCount;
  return Math.floor((portPps / busiestShare) * 1000) / 1000;
}

/**
 * Refuses more flows than there are, or than the addresses can tell apart.
 * @throws SiriusError (usage) naming what was needed, what there is and what would do.
 */
export function checkUdpTraffic(traffic: UdpTraffic, { portCount, where = '--flows' }: CheckOptions): void {
  const { flowCount, clients, servers, fnicCount } = traffic;
  if (!Number.isInteger(flowCount) || flowCount < 1 || flowCount > UDP_FLOW_COUNT_MAX) {
    throw usageError({
      code: 'flow-count',
      where,
      expected: `1 to ${text(UDP_FLOW_COUNT_MAX)} flows`,
      got: text(flowCount),
      hint: 'The paper goes up to 64M (Figure 10a).',
    });
  }
  if (addressesOverlap(clients, servers)) {
    throw usageError({
      code: 'address-overlap',
      where: 'profile: servers.addresses',
      expected: 'server addresses that are no client addresses',
      got: 'client and server addresses that overlap',
      hint: 'Give clients and servers ranges of their own, such as 10.0.0.0/18 and 172.16.0.0/24.',
    });
  }
  const { clientAddressesPerFnic, serverAddressCount, serverPortCount } = flowEndpoints(traffic);
  const presentPerFnic = clientAddressesPerFnic * clients.portCount * serverAddressCount * serverPortCount;
  const neededPerFnic = Math.ceil(Math.ceil(flowCount / portCount) / fnicCount) * portCount;
  if (presentPerFnic >= neededPerFnic) return;
  throw usageError({
    code: 'address-capacity',
    where,
    expected: `at most ${text(presentPerFnic * fnicCount)} flows, since each of ${fnicCount} fNICs has ${text(presentPerFnic)} pairs of a client and a server endpoint`,
    got: `${text(flowCount)}, which are ${text(neededPerFnic)} for each fNIC`,
    hint: 'Use fewer flows, or more addresses and ports (-t clients.ports=1024-65535, -t clients.addresses=...).',
  });
}

interface CheckOptions {
  /** Ports of the target. */
  portCount: number;
  where?: string;
}

function text(value: number): string {
  return value.toLocaleString('en-US');
}
