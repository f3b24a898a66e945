import { arenaAllocate } from '../../core/dataplane/arena';
import { checksumAdd, checksumFinish } from '../../core/dataplane/checksum';
import { ETHERNET_BYTES, ETHERTYPE_IPV4, Ethernet } from '../../core/dataplane/ethernet';
import { IPV4_BYTES, Ipv4, PROTOCOL_GRE, PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { NVGRE_BYTES, Nvgre } from '../../core/dataplane/nvgre';
import { Packet } from '../../core/dataplane/packet';
import { UDP_BYTES, Udp } from '../../core/dataplane/udp';
import { VXLAN_BYTES, VXLAN_PORT, Vxlan } from '../../core/dataplane/vxlan';

const TIME_TO_LIVE: u32 = 64;
const DYNAMIC_PORT_FIRST: u32 = 0xc000;
const DYNAMIC_PORT_MASK: u32 = 0x3fff;
const VXLAN_OUTER_BYTES: u32 = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES + VXLAN_BYTES;
const NVGRE_OUTER_BYTES: u32 = ETHERNET_BYTES + IPV4_BYTES + NVGRE_BYTES;

/** Outer headers ready to be written before an inner frame: all but entropy, network and replication mark, with the lengths of the last one. */
@unmanaged
export class Encapsulation {
  /** Of the IPv4 header without its length. */
  ipv4Sum: u64;
  /** What the lengths are for; 0 before the first frame. */
  innerBytes: u32;
  bytes: u32;
  isNvgre: u32;
  vni: u32;
  destination: u32;
  /** 64 bytes. */
  headers: usize;
}

export function encapsulationCreate(isNvgre: u32, vni: u32, source: u32, destination: u32, sourceMac: u64, destinationMac: u64): Encapsulation {
  const encapsulation = changetype<Encapsulation>(arenaAllocate(offsetof<Encapsulation>()));
  const outer = arenaAllocate(64);
  encapsulation.headers = outer;
  encapsulation.isNvgre = isNvgre;
  encapsulation.vni = vni;
  encapsulation.destination = destination;
  encapsulation.bytes = isNvgre ? NVGRE_OUTER_BYTES : VXLAN_OUTER_BYTES;
  Ethernet.emit(outer, destinationMac, sourceMac, ETHERTYPE_IPV4);
  const ip = outer + ETHERNET_BYTES;
  Ipv4.emit(ip, source, destination, isNvgre ? PROTOCOL_GRE : PROTOCOL_UDP, 0, TIME_TO_LIVE);
  store<u16>(ip, 0, 10);
  encapsulation.ipv4Sum = checksumAdd(0, ip, IPV4_BYTES);
  if (isNvgre) {
    Nvgre.emit(ip + IPV4_BYTES, vni, 0);
  } else {
    Udp.emit(ip + IPV4_BYTES, 0, VXLAN_PORT, 0);
    Vxlan.emit(ip + IPV4_BYTES + UDP_BYTES, vni);
  }
  return encapsulation;
}

/** Takes the outer headers off a packet and puts others on, in its headroom. `entropy` spreads flows over equal paths (RFC 7348, section 5); see `networkBytes`. */
export function reencapsulate(packet: Packet, encapsulation: Encapsulation, network: u32, entropy: u32): void {
  const inner = packet.frame + packet.innerOffset;
  const innerBytes = packet.frameBytes - packet.innerOffset;
  const outerBytes = encapsulation.bytes;
  const frame = inner - outerBytes;
  if (innerBytes != encapsulation.innerBytes) setLengths(encapsulation, innerBytes);
  const template = encapsulation.headers;
  // Both kinds of headers are between 32 and 64 bytes: four copies that overlap.
  v128.store(frame, v128.load(template));
  v128.store(frame, v128.load(template, 16), 16);
  v128.store(inner - 32, v128.load(template + outerBytes - 32));
  v128.store(inner - 16, v128.load(template + outerBytes - 16));
  if (!encapsulation.isNvgre) Udp.setSourcePort(frame + ETHERNET_BYTES + IPV4_BYTES, DYNAMIC_PORT_FIRST | (entropy & DYNAMIC_PORT_MASK));
  store<u32>(inner - 4, network);
  packet.frame = frame;
  packet.frameBytes = outerBytes + innerBytes;
  packet.innerOffset = <u8>outerBytes;
  packet.outerDestination = encapsulation.destination;
}

/** A virtual network as it lies in memory, without a replication mark: the last four bytes of both kinds of tunnel headers, of which the mark is the last. */
export function networkBytes(vni: u32): u32 {
  return bswap<u32>(vni << 8);
}

// @ts-ignore: decorator
@inline
export function withMark(network: u32, mark: u32): u32 {
  return network | (mark << 24);
}

/** Writes lengths and IPv4 checksum for inner frames of one size. */
function setLengths(encapsulation: Encapsulation, innerBytes: u32): void {
  encapsulation.innerBytes = innerBytes;
  const ip = encapsulation.headers + ETHERNET_BYTES;
  const totalBytes = encapsulation.bytes - ETHERNET_BYTES + innerBytes;
  const totalBytesSwapped = bswap<u16>(<u16>totalBytes);
  store<u16>(ip, totalBytesSwapped, 2);
  store<u16>(ip, checksumFinish(encapsulation.ipv4Sum + <u64>totalBytesSwapped), 10);
  if (!encapsulation.isNvgre) store<u16>(ip + IPV4_BYTES, bswap<u16>(<u16>(totalBytes - IPV4_BYTES)), 4);
}
