import { checksumFinish } from '../../core/dataplane/checksum';
import { DropReason } from '../../core/dataplane/contract';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { IPV4_BYTES, Ipv4, PROTOCOL_UDP } from '../../core/dataplane/ipv4';
import { Packet, forgetHeaders } from '../../core/dataplane/packet';
import { headers, parseOuter } from '../../core/dataplane/tunnel';
import { UDP_BYTES, Udp } from '../../core/dataplane/udp';
import { STATE_BATCH_RECORDS } from './card-layout';
import { Encapsulation } from './encapsulation';

// What cards say to one another beside pings and pongs: Ethernet, IPv4, UDP, a header of 16 bytes, and entries of 24. Little-endian.

/** One of the dynamic ports (RFC 6335). */
export const STATE_PORT: u32 = 49153;
export const STATE_HEADER_BYTES: u32 = 16;
export const STATE_ENTRY_BYTES: u32 = 24;
/** Without the FCS (IEEE 802.3). */
const ETHERNET_FRAME_BYTES_MIN: u32 = 60;
const OUTER_BYTES: u32 = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES;
export const STATE_FRAME_BYTES_MAX: u32 = OUTER_BYTES + STATE_HEADER_BYTES + STATE_BATCH_RECORDS * STATE_ENTRY_BYTES;

export enum StateKind {
  batch = 1,
  acknowledgement = 2,
  /** An acknowledgement that says that not all records were taken: those that there still are have to come again. */
  refusal = 3,
}

@unmanaged
export class StateHeader {
  kind: u32;
  /** Entries that follow. */
  count: u32;
  /** Of a batch, or of the one that is acknowledged. */
  sequence: u32;
  /** Of the sender's channel: what was said before it was opened anew means nothing. */
  session: u32;
}

@unmanaged
export class StateEntry {
  low: u64;
  high: u64;
  /** FlowState; `none` says that the flow is over. */
  state: u8;
  /** FlowFlag bits. */
  flags: u8;
  /** For how long no packet of the flow was seen, when the batch was sent. */
  idleMs: u32;
}

// @ts-ignore: decorator
@inline
export function stateHeaderOf(packet: Packet): StateHeader {
  return changetype<StateHeader>(packet.frame + OUTER_BYTES);
}

// @ts-ignore: decorator
@inline
export function stateEntryAt(header: StateHeader, index: u32): StateEntry {
  return changetype<StateEntry>(changetype<usize>(header) + STATE_HEADER_BYTES + index * STATE_ENTRY_BYTES);
}

/** Puts outer headers with right lengths and checksums before a header and its entries, which the packet holds already. */
export function stateFrameFinish(packet: Packet, way: Encapsulation): void {
  const header = stateHeaderOf(packet);
  const bytes = STATE_HEADER_BYTES + header.count * STATE_ENTRY_BYTES;
  memory.copy(packet.frame, way.headers, ETHERNET_BYTES + IPV4_BYTES);
  const ip = packet.frame + ETHERNET_BYTES;
  store<u16>(ip, bswap<u16>(<u16>(IPV4_BYTES + UDP_BYTES + bytes)), 2);
  Ipv4.updateChecksum(ip);
  Udp.emit(ip + IPV4_BYTES, STATE_PORT, STATE_PORT, UDP_BYTES + bytes);
  const checksum = checksumFinish(Udp.checksumSum(ip + IPV4_BYTES, ip));
  // Zero would say that there is none (RFC 768).
  store<u16>(ip + IPV4_BYTES, checksum == 0 ? 0xffff : checksum, 6);
  const frameBytes = OUTER_BYTES + bytes;
  // An acknowledgement is shorter than the shortest Ethernet frame.
  packet.frameBytes = frameBytes < ETHERNET_FRAME_BYTES_MIN ? ETHERNET_FRAME_BYTES_MIN : frameBytes;
  if (frameBytes < ETHERNET_FRAME_BYTES_MIN) memory.fill(packet.frame + frameBytes, 0, ETHERNET_FRAME_BYTES_MIN - frameBytes);
  forgetHeaders(packet);
  packet.outerDestination = way.destination;
}

/** Whether a frame that is no tunnel's is one of these and whole; fills `headers`. A verdict of `unsupported` leaves it to be something else. */
export function stateFrameParse(packet: Packet, address: u32): DropReason {
  const reason = parseOuter(packet.frame, packet.frameBytes);
  if (reason != DropReason.none) return reason;
  const ip = headers.outerIp;
  // Cards write plain headers only.
  if (ip != packet.frame + ETHERNET_BYTES || Ipv4.headerBytes(ip) != IPV4_BYTES) return DropReason.unsupported;
  if (headers.outerDestination != address || Ipv4.protocol(ip) != PROTOCOL_UDP) return DropReason.unsupported;
  const udp = ip + IPV4_BYTES;
  if (packet.frameBytes < OUTER_BYTES + STATE_HEADER_BYTES || Udp.destinationPort(udp) != STATE_PORT) return DropReason.unsupported;
  const bytes = Udp.bytes(udp);
  const header = stateHeaderOf(packet);
  if (Ipv4.totalBytes(ip) != IPV4_BYTES + bytes || header.count > <u32>STATE_BATCH_RECORDS) return DropReason.malformed;
  if (bytes != UDP_BYTES + STATE_HEADER_BYTES + header.count * STATE_ENTRY_BYTES) return DropReason.malformed;
  if (!Udp.checksumIsGood(udp, ip)) return DropReason.checksum;
  headers.outerSource = Ipv4.source(ip);
  return DropReason.none;
}
