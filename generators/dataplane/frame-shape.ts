import { checksumAdd, checksumFold } from '../../core/dataplane/checksum';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { IPV4_BYTES, PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { TCP_BYTES } from '../../core/dataplane/tcp';
import { Encapsulation } from './generator-layout';

/**
 * What all frames of a load have in common, in three windows of 16 bytes: from either Ethernet type to the IPv4 protocol, and from the
 * tunnel's own headers what must be there. A frame that agrees has all lengths and fields as they should be, but for what differs from packet to packet.
 */
@unmanaged
export class FrameShape {
  outerLow: u64;
  outerHigh: u64;
  tunnelLow: u64;
  tunnelHigh: u64;
  tunnelMaskLow: u64;
  tunnelMaskHigh: u64;
  innerLow: u64;
  innerHigh: u64;
  /** Sum of the outer IPv4 header before its checksum and addresses, as its bytes lie. */
  outerSum: u64;
}

const ETHERNET_TYPE: u32 = 12;
const TUNNEL: usize = ETHERNET_BYTES + IPV4_BYTES;
const TYPE_BYTES: u32 = ETHERNET_BYTES - ETHERNET_TYPE;
/** Of an IPv4 header: what comes before its checksum, and where that is. */
const IPV4_ALIKE_BYTES: u32 = 10;
/** Where the fourth word of a TCP header has its data offset and flags, as a number; and the first of them in a header without options. */
export const SHIFT_DATA_OFFSET: u32 = 24;
export const SHIFT_TCP_FLAGS: u32 = 16;
export const TCP_DATA_OFFSET_PLAIN: u32 = 0x50;
/** The Ethernet type and the ten bytes after it. */
const IPV4_MASK_LOW: u64 = u64.MAX_VALUE;
const IPV4_MASK_HIGH: u64 = 0xffffffff;
/** UDP's destination port and length, and VXLAN's flags: source port and checksum are the sender's to choose. */
const VXLAN_MASK_LOW: u64 = 0x0000ffffffff0000;
const VXLAN_MASK_HIGH: u64 = 0xff;
/** GRE's flags and protocol. */
const NVGRE_MASK_LOW: u64 = 0xffffffff;

/** Takes the shape of a frame that `emitTemplate` wrote. */
export function frameShapeInit(shape: FrameShape, frame: usize, innerIp: u32, encapsulation: u32): void {
  const inner = frame + innerIp - TYPE_BYTES;
  const isVxlan = encapsulation == <u32>Encapsulation.vxlan;
  shape.outerLow = load<u64>(frame, ETHERNET_TYPE);
  shape.outerHigh = load<u64>(frame, ETHERNET_TYPE + 8) & IPV4_MASK_HIGH;
  shape.tunnelMaskLow = isVxlan ? VXLAN_MASK_LOW : NVGRE_MASK_LOW;
  shape.tunnelMaskHigh = isVxlan ? VXLAN_MASK_HIGH : 0;
  shape.tunnelLow = load<u64>(frame, TUNNEL) & shape.tunnelMaskLow;
  shape.tunnelHigh = load<u64>(frame, TUNNEL + 8) & shape.tunnelMaskHigh;
  shape.innerLow = load<u64>(inner);
  shape.innerHigh = load<u64>(inner, 8) & IPV4_MASK_HIGH;
  shape.outerSum = checksumAdd(0, frame + ETHERNET_BYTES, IPV4_ALIKE_BYTES);
}

/** Zero if a frame of the right size has the shape. */
// @ts-ignore: decorator
@inline
export function shapeDiffers(shape: FrameShape, frame: usize, ip: usize): u32 {
  const address = changetype<usize>(shape);
  const outer = v128.xor(v128.load(frame, ETHERNET_TYPE), v128.load(address + offsetof<FrameShape>('outerLow')));
  const inner = v128.xor(v128.load(ip - TYPE_BYTES), v128.load(address + offsetof<FrameShape>('innerLow')));
  const tunnel = v128.and(v128.load(frame, TUNNEL), v128.load(address + offsetof<FrameShape>('tunnelMaskLow')));
  const ipv4Differs = v128.and(v128.or(outer, inner), i64x2(IPV4_MASK_LOW, IPV4_MASK_HIGH));
  return <u32>v128.any_true(v128.or(ipv4Differs, v128.xor(tunnel, v128.load(address + offsetof<FrameShape>('tunnelLow')))));
}

const SUM_IS_GOOD: u32 = 0xffff;

/** Zero if the outer IPv4 checksum of a frame that has the shape is right. */
// @ts-ignore: decorator
@inline
export function outerSumIsOff(shape: FrameShape, frame: usize): u32 {
  const ip = frame + ETHERNET_BYTES;
  return checksumFold(shape.outerSum + <u64>load<u16>(ip, IPV4_ALIKE_BYTES) + <u64>load<u32>(ip, 12) + <u64>load<u32>(ip, 16)) ^ SUM_IS_GOOD;
}

/** Zero if the TCP checksum of a frame that has the shape is right. Sums are of bytes as they lie. */
// @ts-ignore: decorator
@inline
export function tcpSumIsOff(ip: usize): u32 {
  const tcp = ip + IPV4_BYTES;
  const sum =
    <u64>((PROTOCOL_TCP + TCP_BYTES) << 8) +
    <u64>load<u32>(ip, 12) +
    <u64>load<u32>(ip, 16) +
    <u64>load<u32>(tcp) +
    <u64>load<u32>(tcp, 4) +
    <u64>load<u32>(tcp, 8) +
    <u64>load<u32>(tcp, 12) +
    <u64>load<u32>(tcp, 16);
  return checksumFold(sum) ^ SUM_IS_GOOD;
}
