import assert from 'node:assert';
import { ETHERNET_BYTES, EtherType, emitEthernet } from './ethernet.js';
import { emitIcmpEcho, ICMP_ECHO_BYTES, type IcmpEcho, updateIcmpChecksum } from './icmp.js';
import { emitIpv4, IPV4_BYTES, IpProtocol } from './ipv4.js';
import { emitIpv6, IPV6_BYTES } from './ipv6.js';
import { emitNvgre, NVGRE_BYTES } from './nvgre.js';
import { emitTcp, TCP_BYTES, type TcpHeader, updateTcpChecksum } from './tcp.js';
import { emitUdp, UDP_BYTES, updateUdpChecksum } from './udp.js';
import { emitVlan, VLAN_BYTES } from './vlan.js';
import { emitVxlan, VXLAN_BYTES, VXLAN_PORT } from './vxlan.js';

/** A tunnelled packet: outer Ethernet, IPv4 and VXLAN or NVGRE around an inner Ethernet frame. */
export interface TunnelFrame {
  outer: {
    source: number;
    destination: number;
    sourceMac?: number;
    destinationMac?: number;
    timeToLive?: number;
    /** 802.1Q tags, outermost first. */
    vlanIds?: readonly number[];
    /** Entropy of the UDP source port of VXLAN (RFC 7348, 5). */
    sourcePort?: number;
  };
  encapsulation: 'vxlan' | 'nvgre';
  /** 24 bits: the VNI of VXLAN, the VSID of NVGRE. */
  vni: number;
  /** The byte after the identifier: reserved in VXLAN, the flow identifier in NVGRE. */
  mark?: number;
  inner: {
    /** Numbers are IPv4, bigints IPv6; both of one kind. */
    source: number | bigint;
    destination: number | bigint;
    sourceMac?: number;
    destinationMac?: number;
    timeToLive?: number;
    transport:
      | ({ kind: 'tcp' } & TcpHeader)
      | { kind: 'udp'; sourcePort: number; destinationPort: number }
      | ({ kind: 'icmp' } & IcmpEcho);
    payload?: Uint8Array;
    /** The inner frame is padded with zeros to at least this many bytes. */
    frameBytes?: number;
  };
}

/**
 * Builds the frame without its check sequence. Every length and checksum is right; the outer UDP checksum is zero (RFC 7348,
 * 5). The inner frame of 64 bytes makes 114 bytes with VXLAN: the paper's 118 on the wire.
 */
export function buildTunnelFrame({ outer, encapsulation, vni, mark = 0, inner }: TunnelFrame): Uint8Array {
  const { vlanIds = [], sourcePort = 49152 } = outer;
  const isVxlan = encapsulation === 'vxlan';
  const innerFrameBytes = Math.max(innerBytes(inner), inner.frameBytes ?? 0);
  const tunnelBytes = isVxlan ? UDP_BYTES + VXLAN_BYTES : NVGRE_BYTES;
  const ipOffset = ETHERNET_BYTES + vlanIds.length * VLAN_BYTES;
  const totalBytes = IPV4_BYTES + tunnelBytes + innerFrameBytes;
  assert(totalBytes <= 0xffff, `the outer packet of ${totalBytes} bytes does not fit IPv4`);
  const bytes = new Uint8Array(ipOffset + totalBytes);
  emitLink(bytes, outer, vlanIds);
  const payloadOffset = emitIpv4(bytes, ipOffset, {
    source: outer.source,
    destination: outer.destination,
    protocol: isVxlan ? IpProtocol.udp : IpProtocol.gre,
    totalBytes,
    ...(outer.timeToLive === undefined ? {} : { timeToLive: outer.timeToLive }),
  });
  let offset = payloadOffset;
  if (isVxlan) {
    const segmentBytes = totalBytes - IPV4_BYTES;
    offset = emitUdp(bytes, offset, { sourcePort, destinationPort: VXLAN_PORT, segmentBytes });
    offset = emitVxlan(bytes, offset, { vni, reserved: mark });
  } else {
    offset = emitNvgre(bytes, offset, { vsid: vni, flowId: mark });
  }
  emitInner(bytes, offset, inner);
  return bytes;
}

const SOURCE_MAC = 0x020000000001;
const DESTINATION_MAC = 0x020000000002;
const NO_BYTES = new Uint8Array(0);

interface LinkEnds {
  sourceMac?: number;
  destinationMac?: number;
}

function emitLink(bytes: Uint8Array, ends: LinkEnds, vlanIds: readonly number[]): void {
  const { sourceMac = SOURCE_MAC, destinationMac = DESTINATION_MAC } = ends;
  const typeAfter = (i: number) => (i < vlanIds.length ? EtherType.vlan : EtherType.ipv4);
  let offset = emitEthernet(bytes, 0, {
    source: sourceMac,
    destination: destinationMac,
    etherType: typeAfter(0),
  });
  for (const [i, id] of vlanIds.entries())
    offset = emitVlan(bytes, offset, { id, etherType: typeAfter(i + 1) });
}

function transportBytes({ transport }: TunnelFrame['inner']): number {
  if (transport.kind === 'tcp') return TCP_BYTES + (transport.options?.length ?? 0);
  return transport.kind === 'udp' ? UDP_BYTES : ICMP_ECHO_BYTES;
}

function innerBytes(inner: TunnelFrame['inner']): number {
  const ipBytes = typeof inner.source === 'number' ? IPV4_BYTES : IPV6_BYTES;
  return ETHERNET_BYTES + ipBytes + transportBytes(inner) + (inner.payload?.length ?? 0);
}

function emitInner(bytes: Uint8Array, start: number, inner: TunnelFrame['inner']): void {
  const { transport, payload = NO_BYTES } = inner;
  const { sourceMac = SOURCE_MAC, destinationMac = DESTINATION_MAC } = inner;
  const segmentBytes = transportBytes(inner) + payload.length;
  const isIpv4 = typeof inner.source === 'number';
  const etherType = isIpv4 ? EtherType.ipv4 : EtherType.ipv6;
  const ip = emitEthernet(bytes, start, { source: sourceMac, destination: destinationMac, etherType });
  const offset = emitInnerIp(bytes, ip, inner, segmentBytes);
  const end = offset + segmentBytes;
  bytes.set(payload, end - payload.length);
  const { source, destination } = inner;
  if (transport.kind === 'tcp') {
    emitTcp(bytes, offset, transport);
    updateTcpChecksum(bytes, offset, { end, source, destination });
  } else if (transport.kind === 'udp') {
    emitUdp(bytes, offset, { ...transport, segmentBytes });
    updateUdpChecksum(bytes, offset, { source, destination });
  } else {
    emitIcmpEcho(bytes, offset, transport);
    updateIcmpChecksum(bytes, offset, { end, source, destination });
  }
}

function emitInnerIp(
  bytes: Uint8Array,
  offset: number,
  inner: TunnelFrame['inner'],
  segmentBytes: number,
): number {
  const { source, destination, transport, timeToLive = 64 } = inner;
  if (typeof source === 'number' && typeof destination === 'number') {
    const totalBytes = IPV4_BYTES + segmentBytes;
    return emitIpv4(bytes, offset, {
      source,
      destination,
      protocol: IpProtocol[transport.kind],
      totalBytes,
      timeToLive,
    });
  }
  assert(
    typeof source === 'bigint' && typeof destination === 'bigint',
    'both inner addresses must be of one kind',
  );
  const nextHeader = transport.kind === 'icmp' ? IpProtocol.icmpv6 : IpProtocol[transport.kind];
  return emitIpv6(bytes, offset, {
    source,
    destination,
    nextHeader,
    payloadBytes: segmentBytes,
    hopLimit: timeToLive,
  });
}
