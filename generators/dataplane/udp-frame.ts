import { checksumAdd, checksumFinish } from '../../core/dataplane/checksum';
import { ETHERNET_BYTES, ETHERTYPE_IPV4, Ethernet } from '../../core/dataplane/ethernet';
import { IPV4_BYTES, Ipv4, PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { UDP_BYTES, Udp } from '../../core/dataplane/udp';
import { TemplateOptions, TEMPLATE_HEAD_BYTES, TIME_TO_LIVE, copyTemplate, emitTunnel, outerBytes, tunnelEndsOf } from './frame-template';
import { UDP_STAMP_BYTES } from './generator-layout';

/**
 * The first bytes of a frame of one size, fNIC and side, and the sums of its inner headers without what a packet fills in. All
 * headers and the stamp fit (50, 42 and 18 bytes); what follows them in a datagram is zero.
 */
@unmanaged
export class UdpTemplate {
  ipv4Sum: u64;
  udpSum: u64;
  /** Of the outer headers, as `describeFrame` wants them. */
  tunnelEnds: u64;
  frame: usize;
  outerDestination: u32;
}

/** What a received datagram says of itself: layout in generator-layout.ts. */
@unmanaged
export class Stamp {
  intendedPs: i64;
  flow: u32;
  /** Number of the packet within its flow, from 0. */
  round: u32;
  mark: u32;
}

/** `frame` has room for 128 bytes. */
export function udpTemplateInit(template: UdpTemplate, frame: usize, options: TemplateOptions): void {
  template.frame = frame;
  template.outerDestination = options.outerDestination;
  template.tunnelEnds = tunnelEndsOf(options);
  const inner = emitTunnel(frame, options);
  Ethernet.emit(inner, options.innerDestinationMac, options.innerSourceMac, ETHERTYPE_IPV4);
  const ip = inner + ETHERNET_BYTES;
  const udp = ip + IPV4_BYTES;
  const segmentBytes = options.innerFrameBytes - ETHERNET_BYTES - IPV4_BYTES;
  Ipv4.emit(ip, 0, 0, PROTOCOL_UDP, IPV4_BYTES + segmentBytes, TIME_TO_LIVE);
  store<u16>(ip, 0, 10);
  template.ipv4Sum = checksumAdd(0, ip, IPV4_BYTES);
  Udp.emit(udp, 0, 0, segmentBytes);
  // The pseudo-header has protocol and length; the length stands in the header as well.
  template.udpSum = checksumAdd(0, udp, UDP_BYTES) + <u64>(PROTOCOL_UDP << 8) + <u64>bswap<u16>(<u16>segmentBytes);
  assert(outerBytes(options.encapsulation) + ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES + <u32>UDP_STAMP_BYTES <= TEMPLATE_HEAD_BYTES);
}

/**
 * Copies the template and fills in what is the packet's own; `innerIp` is the offset of the inner IPv4 header, `ports` the source port
 * above the destination port. Writes 128 bytes even of a smaller frame.
 */
// @ts-ignore: decorator
@inline
export function fillUdpFrame(
  frame: usize,
  template: usize,
  frameBytes: u32,
  innerIp: u32,
  ipv4Sum: u64,
  udpSum: u64,
  source: u32,
  destination: u32,
  ports: u32,
  intendedPs: i64,
  flow: u32,
  round: u32,
  mark: u32,
): void {
  copyTemplate(frame, template);
  if (frameBytes > TEMPLATE_HEAD_BYTES) memory.fill(frame + TEMPLATE_HEAD_BYTES, 0, frameBytes - TEMPLATE_HEAD_BYTES);
  const ip = frame + innerIp;
  const udp = ip + IPV4_BYTES;
  const sourceBytes = bswap<u32>(source);
  const destinationBytes = bswap<u32>(destination);
  const portBytes = bswap<u32>(ports);
  const addressSum = <u64>sourceBytes + <u64>destinationBytes;
  store<u32>(ip, sourceBytes, 12);
  store<u32>(ip, destinationBytes, 16);
  store<u16>(ip, checksumFinish(ipv4Sum + addressSum), 10);
  store<u32>(udp, portBytes);
  store<i64>(udp, intendedPs, UDP_BYTES);
  store<u32>(udp, flow, UDP_BYTES + 8);
  store<u32>(udp, round, UDP_BYTES + 12);
  store<u16>(udp, <u16>mark, UDP_BYTES + 16);
  const stampSum = (<u64>intendedPs & 0xffffffff) + (<u64>intendedPs >> 32) + <u64>flow + <u64>round + <u64>mark;
  const checksum = checksumFinish(udpSum + addressSum + <u64>portBytes + stampSum);
  // A sum of zero is sent as all ones (RFC 768).
  store<u16>(udp, checksum == 0 ? 0xffff : checksum, 6);
}

/** Reads the stamp of a datagram that is long enough. */
// @ts-ignore: decorator
@inline
export function readStamp(stamp: Stamp, udp: usize): void {
  stamp.intendedPs = load<i64>(udp, UDP_BYTES);
  stamp.flow = load<u32>(udp, UDP_BYTES + 8);
  stamp.round = load<u32>(udp, UDP_BYTES + 12);
  stamp.mark = load<u16>(udp, UDP_BYTES + 16);
}
