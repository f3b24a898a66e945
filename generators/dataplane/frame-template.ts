import { checksumAdd, checksumFold } from '../../core/dataplane/checksum';
import { ETHERNET_BYTES, ETHERTYPE_IPV4, Ethernet } from '../../core/dataplane/ethernet';
import { IPV4_BYTES, Ipv4, PROTOCOL_GRE, PROTOCOL_TCP, PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { NVGRE_BYTES, Nvgre } from '../../core/dataplane/nvgre';
import { TCP_BYTES, Tcp } from '../../core/dataplane/tcp';
import { UDP_BYTES, Udp } from '../../core/dataplane/udp';
import { VXLAN_BYTES, VXLAN_PORT, Vxlan } from '../../core/dataplane/vxlan';
import { IPV4_CHECKSUM_OFFSET, turnWords } from './endpoints';
import { Encapsulation } from './generator-layout';

export const TIME_TO_LIVE: u32 = 64;
/** Beside a packet's TCP flags: its sender has sent it before. On the wire such a packet has a window of 65279, others one of 65535. */
export const SENT_AGAIN: u32 = 0x100;

/** Copied of every template, whatever its size. */
export const TEMPLATE_HEAD_BYTES: u32 = 128;

// @ts-ignore: decorator
@inline
export function outerBytes(encapsulation: u32): u32 {
  return encapsulation == Encapsulation.nvgre ? ETHERNET_BYTES + IPV4_BYTES + NVGRE_BYTES : ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES + VXLAN_BYTES;
}

/** Ends of the tunnel and of the inner link, addresses in host order, Ethernet addresses in the low 48 bits. */
@unmanaged
export class TemplateOptions {
  outerSource: u32;
  outerDestination: u32;
  vni: u32;
  encapsulation: u32;
  innerFrameBytes: u32;
  outerSourceMac: u64;
  outerDestinationMac: u64;
  innerSourceMac: u64;
  innerDestinationMac: u64;
}

/** Of the outer headers, as `describeFrame` wants them. */
export function tunnelEndsOf(options: TemplateOptions): u64 {
  return ((<u64>options.outerSource) << 32) | options.vni;
}

/** Writes the outer headers at `frame`; returns where the inner frame begins. */
export function emitTunnel(frame: usize, options: TemplateOptions): usize {
  const outer = outerBytes(options.encapsulation);
  const isNvgre = options.encapsulation == Encapsulation.nvgre;
  Ethernet.emit(frame, options.outerDestinationMac, options.outerSourceMac, ETHERTYPE_IPV4);
  const outerIp = frame + ETHERNET_BYTES;
  const outerTotal = outer - ETHERNET_BYTES + options.innerFrameBytes;
  Ipv4.emit(outerIp, options.outerSource, options.outerDestination, isNvgre ? PROTOCOL_GRE : PROTOCOL_UDP, outerTotal, TIME_TO_LIVE);
  const payload = outerIp + IPV4_BYTES;
  if (isNvgre) {
    Nvgre.emit(payload, options.vni, 0);
  } else {
    Udp.emit(payload, 0, VXLAN_PORT, outerTotal - IPV4_BYTES);
    Vxlan.emit(payload + UDP_BYTES, options.vni);
  }
  return frame + outer;
}

/** Writes a whole frame at `frame` whose inner addresses, ports, numbers and flags are zero, for `fillFrame` to complete. */
export function emitTemplate(frame: usize, options: TemplateOptions): void {
  const inner = emitTunnel(frame, options);
  Ethernet.emit(inner, options.innerDestinationMac, options.innerSourceMac, ETHERTYPE_IPV4);
  Ipv4.emit(inner + ETHERNET_BYTES, 0, 0, PROTOCOL_TCP, IPV4_BYTES + TCP_BYTES, TIME_TO_LIVE);
  // Unfinished sums stand where the checksums will be, so that a packet adds only what is its own.
  store<u16>(inner + ETHERNET_BYTES, 0, 10);
  const tcp = inner + ETHERNET_BYTES + IPV4_BYTES;
  Tcp.emit(tcp, 0, 0, 0, 0, 0);
}

/** Sum of the template's inner IPv4 header as numbers, not as bytes that lie in memory; so are all sums of the generator's own. */
export function templateIpv4Sum(frame: usize, encapsulation: u32): u64 {
  return asNumbers(checksumAdd(0, frame + outerBytes(encapsulation) + ETHERNET_BYTES, IPV4_BYTES));
}

/** Sum of the template's TCP header and of what its pseudo-header always holds. */
export function templateTcpSum(frame: usize, encapsulation: u32): u64 {
  const tcp = frame + outerBytes(encapsulation) + ETHERNET_BYTES + IPV4_BYTES;
  return asNumbers(checksumAdd(0, tcp, TCP_BYTES)) + PROTOCOL_TCP + TCP_BYTES;
}

// @ts-ignore: decorator
@inline
function asNumbers(sumOfBytes: u64): u64 {
  return bswap<u16>(<u16>checksumFold(sumOfBytes));
}

/** The checksum of a packet's inner IPv4 header. */
// @ts-ignore: decorator
@inline
export function ipv4ChecksumOf(ipv4Sum: u64, source: u32, destination: u32): u32 {
  return ~checksumFold(ipv4Sum + <u64>source + <u64>destination) & 0xffff;
}

/** Data offset of a TCP header without options, and the whole window, as a number: the fourth word but for the flags. */
const TCP_FLAGS_WORD: u32 = 0x5000ffff;
const TCP_FLAGS_SHIFT: u32 = 16;

/**
 * Copies the first 128 bytes of the template and fills in what is the packet's own; `copyTail` does the rest. `innerIp` is the offset of the
 * inner IPv4 header. `SENT_AGAIN` may stand among the flags, as what it takes from the window.
 * @param endsBytes see there
 * @param endpoints the same endpoints as numbers
 */
// @ts-ignore: decorator
@inline
export function fillFrame(frame: usize, template: usize, innerIp: u32, tcpSum: u64, endsBytes: v128, endpoints: v128, sequence: u32, acknowledgement: u32, flags: u32): void {
  copyTemplate(frame, template);
  const ip = frame + innerIp;
  const tcpFlags = flags & 0xff;
  const sentAgain = flags & SENT_AGAIN;
  // An endpoint's bits are the words of address and port, so it adds as it stands.
  const endsSum = i64x2.extract_lane(endpoints, 0) + i64x2.extract_lane(endpoints, 1);
  const checksum = ~checksumFold(tcpSum + <u64>endsSum + <u64>sequence + <u64>acknowledgement + <u64>tcpFlags - <u64>sentAgain);
  let words = i32x4.splat(sequence);
  words = i32x4.replace_lane(words, 1, acknowledgement);
  words = i32x4.replace_lane(words, 2, TCP_FLAGS_WORD + (tcpFlags << TCP_FLAGS_SHIFT) - sentAgain);
  words = i32x4.replace_lane(words, 3, checksum << 16);
  v128.store(ip + IPV4_CHECKSUM_OFFSET, endsBytes);
  // From the sequence number to the urgent pointer.
  v128.store(ip + IPV4_BYTES, turnWords(words), 4);
}

/** Copies what a large frame's template has beyond its head. A step of its own, to be the last one: what lives across a call is kept in memory. */
// @ts-ignore: decorator
@inline
export function copyTail(frame: usize, template: usize, frameBytes: u32): void {
  if (frameBytes > TEMPLATE_HEAD_BYTES) memory.copy(frame + TEMPLATE_HEAD_BYTES, template + TEMPLATE_HEAD_BYTES, frameBytes - TEMPLATE_HEAD_BYTES);
}

/** Whether a packet that `fillFrame` made was marked as sent again, by its TCP header. */
// @ts-ignore: decorator
@inline
export function wasSentBefore(tcp: usize): bool {
  return load<u8>(tcp, 14) != 0xff;
}

/** Copies the first 128 bytes of a template. */
// @ts-ignore: decorator
@inline
export function copyTemplate(frame: usize, template: usize): void {
  v128.store(frame, v128.load(template));
  v128.store(frame, v128.load(template, 16), 16);
  v128.store(frame, v128.load(template, 32), 32);
  v128.store(frame, v128.load(template, 48), 48);
  v128.store(frame, v128.load(template, 64), 64);
  v128.store(frame, v128.load(template, 80), 80);
  v128.store(frame, v128.load(template, 96), 96);
  v128.store(frame, v128.load(template, 112), 112);
}
