import { checksumAdd, checksumFold, pseudoHeaderSum } from './checksum';
import { DropReason } from './contract';
import { ETHERNET_BYTES, ETHERTYPE_IPV4, ETHERTYPE_VLAN, Ethernet } from './ethernet';
import { IPV4_BYTES, Ipv4, PROTOCOL_GRE, PROTOCOL_TCP, PROTOCOL_UDP } from './ipv4';
import { NVGRE_BYTES, Nvgre } from './nvgre';
import { TCP_BYTES, Tcp } from './tcp';
import { UDP_BYTES, Udp } from './udp';
import { VLAN_BYTES } from './vlan';
import { VXLAN_BYTES, VXLAN_FLAG_VNI, VXLAN_PORT, Vxlan } from './vxlan';

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
  vni: u32;
  outerDestination: u32;
  outerSource: u32;
  /** Inner endpoints: the address in the 32 bits above the 16 of the port. */
  sourceEndpoint: u64;
  destinationEndpoint: u64;
  innerFrameBytes: u32;
  protocol: u32;
  tcpFlags: u32;
  /** Bytes of the inner TCP or UDP segment. */
  segmentBytes: u32;

  // @ts-ignore: decorator
  @inline
  get source(): u32 {
    return <u32>(this.sourceEndpoint >> 16);
  }

  // @ts-ignore: decorator
  @inline
  get destination(): u32 {
    return <u32>(this.destinationEndpoint >> 16);
  }

  // @ts-ignore: decorator
  @inline
  get sourcePort(): u32 {
    return <u32>this.sourceEndpoint & 0xffff;
  }

  // @ts-ignore: decorator
  @inline
  get destinationPort(): u32 {
    return <u32>this.destinationEndpoint & 0xffff;
  }
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

/** Ethernet type IPv4, version 4 and no options, as the bytes lie from offset 12 of an Ethernet frame on. */
const PLAIN_IPV4: u32 = 0x00450008;
const PLAIN_IPV4_MASK: u32 = 0x00ffffff;
/** More-fragments flag and fragment offset, as the bytes lie from offset 6 of an IPv4 header on; the protocol is the highest of the four. */
const FRAGMENT_MASK: u32 = 0x0000ff3f;
const PROTOCOL_MASK: u32 = 0xff000000;
const VXLAN_PORT_BYTES: u32 = ((VXLAN_PORT & 0xff) << 8) | (VXLAN_PORT >> 8);

/** Offsets in a frame that is Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP or UDP without tags or options. */
const OUTER_UDP: u32 = ETHERNET_BYTES + IPV4_BYTES;
const OUTER_VXLAN: u32 = OUTER_UDP + UDP_BYTES;
const INNER_FRAME: u32 = OUTER_VXLAN + VXLAN_BYTES;
const INNER_IP: u32 = INNER_FRAME + ETHERNET_BYTES;
const INNER_TRANSPORT: u32 = INNER_IP + IPV4_BYTES;

/** The outer destination address: all that a switch needs. Fills `headers.outerIp` and `headers.outerDestination`. */
export function parseOuter(frame: usize, frameBytes: u32): DropReason {
  // What nearly every packet is: no tag, no options, not a fragment, whole. All else takes the long way.
  const ip = frame + ETHERNET_BYTES;
  const totalBytes = Ipv4.totalBytes(ip);
  if (
    (((load<u32>(frame, 12) ^ PLAIN_IPV4) & PLAIN_IPV4_MASK) | (load<u32>(ip, 6) & FRAGMENT_MASK)) == 0 &&
    totalBytes >= IPV4_BYTES &&
    totalBytes + ETHERNET_BYTES <= frameBytes &&
    Ipv4.plainChecksumIsGood(ip)
  ) {
    headers.outerIp = ip;
    headers.outerDestination = Ipv4.destination(ip);
    return DropReason.none;
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
  return parsePlainVxlan(frame, frameBytes) ? DropReason.none : parseTunnelSlowly(frame, frameBytes);
}

/**
 * What nearly every packet is, read at fixed offsets: VXLAN, no tags, no options, no fragments, right lengths and checksums.
 * False when it is anything else: `parseTunnelSlowly` says what. Reads of a short frame stay within the packet's slot.
 */
// @ts-ignore: decorator
@inline
function parsePlainVxlan(frame: usize, frameBytes: u32): bool {
  const outer = frame + ETHERNET_BYTES;
  const inner = frame + INNER_IP;
  const odd =
    ((load<u32>(frame, 12) ^ PLAIN_IPV4) & PLAIN_IPV4_MASK) |
    ((load<u32>(outer, 6) ^ (PROTOCOL_UDP << 24)) & (FRAGMENT_MASK | PROTOCOL_MASK)) |
    (<u32>load<u16>(frame, OUTER_UDP + 2) ^ VXLAN_PORT_BYTES) |
    ((<u32>load<u8>(frame, OUTER_VXLAN) ^ VXLAN_FLAG_VNI) & VXLAN_FLAG_VNI) |
    ((load<u32>(frame, INNER_FRAME + 12) ^ PLAIN_IPV4) & PLAIN_IPV4_MASK) |
    (load<u32>(inner, 6) & FRAGMENT_MASK);
  if (odd) return false;
  const totalBytes = Ipv4.totalBytes(outer);
  const innerBytes = Ipv4.totalBytes(inner);
  const segmentBytes = innerBytes - IPV4_BYTES;
  if (totalBytes + ETHERNET_BYTES > frameBytes) return false;
  if (Udp.bytes(frame + OUTER_UDP) != totalBytes - IPV4_BYTES) return false;
  if (innerBytes + (INNER_IP - ETHERNET_BYTES) > totalBytes || innerBytes < IPV4_BYTES + UDP_BYTES) return false;
  if (!Ipv4.plainChecksumIsGood(outer) || !Ipv4.plainChecksumIsGood(inner)) return false;
  const transport = frame + INNER_TRANSPORT;
  const protocol = Ipv4.protocol(inner);
  if (protocol == PROTOCOL_TCP) {
    const headerBytes = Tcp.headerBytes(transport);
    if (segmentBytes < TCP_BYTES || headerBytes < TCP_BYTES || headerBytes > segmentBytes) return false;
    headers.tcpFlags = Tcp.flags(transport);
  } else {
    if (protocol != PROTOCOL_UDP || Udp.bytes(transport) < UDP_BYTES || Udp.bytes(transport) > segmentBytes) return false;
    headers.tcpFlags = 0;
  }
  headers.outerIp = outer;
  headers.tunnel = frame + OUTER_VXLAN;
  headers.innerFrame = frame + INNER_FRAME;
  headers.innerIp = inner;
  headers.transport = transport;
  headers.vni = Vxlan.vni(frame + OUTER_VXLAN);
  headers.innerFrameBytes = totalBytes - (INNER_FRAME - ETHERNET_BYTES);
  headers.protocol = protocol;
  headers.segmentBytes = segmentBytes;
  readOuterAddresses(outer);
  readEndpoints(inner + 12);
  return true;
}

/** Source and destination of an IPv4 header into `headers`, both at once: their bytes lie the other way round. */
// @ts-ignore: decorator
@inline
function readOuterAddresses(ip: usize): void {
  const raw = v128.load64_zero(ip, 12);
  const addresses = v128.shuffle<u8>(raw, raw, 7, 6, 5, 4, 3, 2, 1, 0, 8, 8, 8, 8, 8, 8, 8, 8);
  v128.store64_lane(changetype<usize>(headers) + offsetof<Headers>('outerDestination'), addresses, 0);
}

/** Two addresses and two ports that lie side by side, as in IPv4 without options before TCP or UDP, into the endpoints of `headers`. */
// @ts-ignore: decorator
@inline
function readEndpoints(addresses: usize): void {
  const none = i64x2.splat(0);
  const endpoints = v128.shuffle<u8>(v128.load(addresses), none, 9, 8, 3, 2, 1, 0, 16, 16, 11, 10, 7, 6, 5, 4, 16, 16);
  v128.store(changetype<usize>(headers) + offsetof<Headers>('sourceEndpoint'), endpoints);
}

function parseTunnelSlowly(frame: usize, frameBytes: u32): DropReason {
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
  headers.sourceEndpoint = (<u64>Ipv4.source(ip) << 16) | Udp.sourcePort(transport);
  headers.destinationEndpoint = (<u64>Ipv4.destination(ip) << 16) | Udp.destinationPort(transport);
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
