import { checksumAdd, checksumFold, pseudoHeaderSum } from './checksum';
import { DropReason } from './contract';
import { ETHERNET_BYTES, ETHERTYPE_IPV4, ETHERTYPE_VLAN, Ethernet } from './ethernet';
import { IPV4_BYTES, Ipv4, PROTOCOL_GRE, PROTOCOL_TCP, PROTOCOL_UDP } from './ipv4';
import { NVGRE_BYTES, Nvgre } from './nvgre';
import { TCP_BYTES, Tcp } from './tcp';
import { UDP_BYTES, Udp } from './udp';
import { VLAN_BYTES } from './vlan';
import { VXLAN_BYTES, VXLAN_PORT, Vxlan } from './vxlan';

/** Tags that are skipped before a frame counts as malformed. */
const VLAN_TAGS_MAX: u32 = 2;

/** What a device reads out of a tunnelled frame once, and uses from then on: its packet header vector (section 4). */
@unmanaged
export class Headers {
  /** Addresses of the headers in memory. */
  outerIp: usize;
  /** The VXLAN or NVGRE header; its last byte carries the replication mark. */
  tunnel: usize;
  innerFrame: usize;
  innerIp: usize;
  /** The inner TCP or UDP header. */
  transport: usize;
  outerSource: u32;
  outerDestination: u32;
  vni: u32;
  innerFrameBytes: u32;
  source: u32;
  destination: u32;
  sourcePort: u32;
  destinationPort: u32;
  protocol: u32;
  tcpFlags: u32;
  /** Bytes of the inner TCP or UDP segment. */
  segmentBytes: u32;
}

/** The header vector of whoever is at work; one is enough, since a packet is worked on to its end. */
export const headers: Headers = changetype<Headers>(memory.data(offsetof<Headers>(), 64));

/** Bytes before the IP header of an Ethernet frame with at most two VLAN tags; 0 when what follows is not whole IPv4. */
// @ts-ignore: decorator
@inline
function ipv4Offset(frame: usize, frameBytes: u32): u32 {
  if (frameBytes < ETHERNET_BYTES + IPV4_BYTES) return 0;
  let offset = ETHERNET_BYTES;
  let etherType = Ethernet.type(frame);
  for (let tags: u32 = 0; etherType == ETHERTYPE_VLAN && tags < VLAN_TAGS_MAX; tags++) {
    if (frameBytes < offset + VLAN_BYTES + IPV4_BYTES) return 0;
    etherType = bswap<u16>(load<u16>(frame + offset, 2));
    offset += VLAN_BYTES;
  }
  return etherType == ETHERTYPE_IPV4 ? offset : 0;
}

/** Checks an IPv4 header that must fit `bytes`, and its checksum. */
// @ts-ignore: decorator
@inline
function checkIpv4(header: usize, bytes: u32): DropReason {
  const headerBytes = Ipv4.headerBytes(header);
  const totalBytes = Ipv4.totalBytes(header);
  if (Ipv4.version(header) != 4 || headerBytes < IPV4_BYTES || headerBytes > totalBytes || totalBytes > bytes) return DropReason.malformed;
  if (Ipv4.fragment(header) & 0x3fff) return DropReason.unsupported;
  return Ipv4.checksumIsGood(header) ? DropReason.none : DropReason.checksum;
}

/** Ethernet type IPv4, version 4 and no options, as the bytes lie from offset 12 on. */
const PLAIN_IPV4: u32 = 0x00450008;
const PLAIN_IPV4_MASK: u32 = 0x00ffffff;

/** The outer destination address: all that a switch needs. Fills `headers.outerIp` and `headers.outerDestination`. */
export function parseOuter(frame: usize, frameBytes: u32): DropReason {
  if (frameBytes >= ETHERNET_BYTES + IPV4_BYTES && (load<u32>(frame, 12) & PLAIN_IPV4_MASK) == PLAIN_IPV4) {
    // What nearly every packet is: no tag, no options, not a fragment. All else takes the long way.
    const ip = frame + ETHERNET_BYTES;
    const totalBytes = Ipv4.totalBytes(ip);
    if (!Ipv4.fragment(ip) && totalBytes >= IPV4_BYTES && totalBytes <= frameBytes - ETHERNET_BYTES) {
      headers.outerIp = ip;
      headers.outerDestination = Ipv4.destination(ip);
      return Ipv4.checksumIsGood(ip) ? DropReason.none : DropReason.checksum;
    }
  }
  return parseOuterSlowly(frame, frameBytes);
}

function parseOuterSlowly(frame: usize, frameBytes: u32): DropReason {
  const offset = ipv4Offset(frame, frameBytes);
  if (offset == 0) return frameBytes < ETHERNET_BYTES + IPV4_BYTES ? DropReason.malformed : DropReason.unsupported;
  headers.outerIp = frame + offset;
  const reason = checkIpv4(headers.outerIp, frameBytes - offset);
  if (reason != DropReason.none) return reason;
  headers.outerDestination = Ipv4.destination(headers.outerIp);
  return DropReason.none;
}

/** Reads outer Ethernet, IPv4, UDP with VXLAN or NVGRE, inner Ethernet, IPv4, TCP or UDP into `headers`. */
export function parseTunnel(frame: usize, frameBytes: u32): DropReason {
  const reason = parseOuter(frame, frameBytes);
  if (reason != DropReason.none) return reason;
  const outer = headers.outerIp;
  headers.outerSource = Ipv4.source(outer);
  // Ethernet padding after the outer packet does not count.
  const end = outer + Ipv4.totalBytes(outer);
  const payload = outer + Ipv4.headerBytes(outer);
  const protocol = Ipv4.protocol(outer);
  if (protocol == PROTOCOL_UDP) {
    if (payload + UDP_BYTES + VXLAN_BYTES > end) return DropReason.malformed;
    if (Udp.destinationPort(payload) != VXLAN_PORT) return DropReason.unsupported;
    const udpBytes = Udp.bytes(payload);
    if (udpBytes < UDP_BYTES + VXLAN_BYTES || payload + udpBytes > end) return DropReason.malformed;
    const tunnel = payload + UDP_BYTES;
    if (!Vxlan.hasVni(tunnel)) return DropReason.malformed;
    headers.tunnel = tunnel;
    headers.vni = Vxlan.vni(tunnel);
    return parseInner(tunnel + VXLAN_BYTES, end);
  }
  if (protocol != PROTOCOL_GRE) return DropReason.unsupported;
  if (payload + NVGRE_BYTES > end) return DropReason.malformed;
  if (!Nvgre.isNvgre(payload)) return DropReason.unsupported;
  headers.tunnel = payload;
  headers.vni = Nvgre.vsid(payload);
  return parseInner(payload + NVGRE_BYTES, end);
}

// @ts-ignore: decorator
@inline
function parseInner(frame: usize, end: usize): DropReason {
  if (frame >= end) return DropReason.malformed;
  const frameBytes = <u32>(end - frame);
  headers.innerFrame = frame;
  headers.innerFrameBytes = frameBytes;
  const offset = ipv4Offset(frame, frameBytes);
  if (offset == 0) return frameBytes < ETHERNET_BYTES + IPV4_BYTES ? DropReason.malformed : DropReason.unsupported;
  const ip = frame + offset;
  const reason = checkIpv4(ip, frameBytes - offset);
  if (reason != DropReason.none) return reason;
  const ipBytes = Ipv4.headerBytes(ip);
  const segmentBytes = Ipv4.totalBytes(ip) - ipBytes;
  const transport = ip + ipBytes;
  const protocol = Ipv4.protocol(ip);
  headers.innerIp = ip;
  headers.transport = transport;
  headers.segmentBytes = segmentBytes;
  headers.source = Ipv4.source(ip);
  headers.destination = Ipv4.destination(ip);
  headers.protocol = protocol;
  if (protocol == PROTOCOL_TCP) {
    if (segmentBytes < TCP_BYTES || Tcp.headerBytes(transport) < TCP_BYTES || Tcp.headerBytes(transport) > segmentBytes) return DropReason.malformed;
    headers.tcpFlags = Tcp.flags(transport);
  } else if (protocol == PROTOCOL_UDP) {
    if (segmentBytes < UDP_BYTES || Udp.bytes(transport) < UDP_BYTES || Udp.bytes(transport) > segmentBytes) return DropReason.malformed;
    headers.tcpFlags = 0;
  } else {
    return DropReason.unsupported;
  }
  // Ports are the first four bytes of TCP and of UDP.
  headers.sourcePort = Udp.sourcePort(transport);
  headers.destinationPort = Udp.destinationPort(transport);
  return DropReason.none;
}

/** Whether the inner TCP checksum is right; call after `parseTunnel`. End hosts check it, devices on the way do not. */
// @ts-ignore: decorator
@inline
export function innerTcpChecksumIsGood(): bool {
  const transport = headers.transport;
  let sum = pseudoHeaderSum(headers.innerIp, PROTOCOL_TCP, headers.segmentBytes);
  sum +=
    <u64>load<u32>(transport) +
    <u64>load<u32>(transport, 4) +
    <u64>load<u32>(transport, 8) +
    <u64>load<u32>(transport, 12) +
    <u64>load<u32>(transport, 16);
  const bytes = headers.segmentBytes;
  return checksumFold(bytes == TCP_BYTES ? sum : checksumAdd(sum, transport + TCP_BYTES, bytes - TCP_BYTES)) == 0xffff;
}
