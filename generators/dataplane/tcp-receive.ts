import { DropReason } from '../../core/dataplane/contract';
import { IPV4_BYTES, PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { Packet, dropPacket, poolGive } from '../../core/dataplane/packet';
import { TCP_FIN, TCP_RST, TCP_SYN, Tcp } from '../../core/dataplane/tcp';
import { headers, innerTcpChecksumIsGood, parseTunnel } from '../../core/dataplane/tunnel';
import { BackgroundFlows, backgroundCheck, backgroundOwns, backgroundReceive } from './background';
import { Connection, Segment, endsOf } from './connection';
import { IPV4_CHECKSUM_OFFSET, endpointOf, endsDiffer, readEnds, turnWords } from './endpoints';
import { SHIFT_DATA_OFFSET, SHIFT_TCP_FLAGS, TCP_DATA_OFFSET_PLAIN, outerSumIsOff, shapeDiffers, tcpSumIsOff } from './frame-shape';
import { wasSentBefore } from './frame-template';
import { CONNECTION_BITS, CONNECTION_BYTES, ClientState, GeneratorCounter } from './generator-layout';
import { clientReceive, serverReceive } from './tcp-endpoints';
import { TcpGenerator, count } from './tcp-generator';
import { initialSequence } from './tcp-send';
import { breakConnection } from './tcp-timers';

const IPV4_DESTINATION_OFFSET: usize = 16;
const CONNECTION_MASK: u32 = (1 << CONNECTION_BITS) - 1;

/** Loads the connections that a list of packets seems to be of, side by side. */
// @ts-ignore: decorator
@inline
export function receiveTouch(app: TcpGenerator, first: usize): void {
  const fresh = app.connections.fresh;
  for (let address = first; address != 0; address = changetype<Packet>(address).next) {
    const ip = changetype<Packet>(address).frame + app.innerIpOffset;
    const words = turnWords(v128.load(ip + IPV4_BYTES, 4));
    const toServer = isServer(app, bswap<u32>(load<u32>(ip, IPV4_DESTINATION_OFFSET)));
    const number = <u32>(toServer ? i32x4.extract_lane(words, 0) : i32x4.extract_lane(words, 1));
    const slot = (number >> 2) & CONNECTION_MASK;
    if (slot < fresh) load<u64>(changetype<usize>(connectionAt(app, slot)));
  }
}

/**
 * Receives a packet. What nearly every one is, an undamaged packet of a connection under way, shows by comparison: with the frames that are sent, in all
 * that they have in common, and with the connection's record, which holds the inner IPv4 checksum. What remains are the sums of the outer header
 * and of TCP. All else takes the long way. Differences are gathered, so that few branches ask for them.
 */
export function receive(app: TcpGenerator, packet: Packet): void {
  const frame = packet.frame;
  const ip = frame + app.innerIpOffset;
  if ((packet.frameBytes ^ app.frameBytes) | shapeDiffers(app.shape, frame, ip) | outerSumIsOff(app.shape, frame)) return receiveOther(app, packet);
  const words = turnWords(v128.load(ip + IPV4_BYTES, 4));
  const bytes = v128.load(ip + IPV4_CHECKSUM_OFFSET);
  let ends = readEnds(bytes, false);
  const toServer = isServer(app, <u32>(i64x2.extract_lane(ends, 1) >> 16));
  if (!toServer) ends = readEnds(bytes, true);
  const number = <u32>(toServer ? i32x4.extract_lane(words, 0) : i32x4.extract_lane(words, 1));
  const slot = (number >> 2) & CONNECTION_MASK;
  if (slot >= app.connections.fresh) return receiveOther(app, packet);
  const connection = connectionAt(app, slot);
  const flagsWord = <u32>i32x4.extract_lane(words, 2);
  const isOther = isNotMeant(app, connection, number) | endsDiffer(ends, endsOf(connection));
  if (isOther | tcpSumIsOff(ip) | ((flagsWord >> SHIFT_DATA_OFFSET) ^ TCP_DATA_OFFSET_PLAIN)) return receiveOther(app, packet);
  const flags = (flagsWord >> SHIFT_TCP_FLAGS) & 0xff;
  if (!ASC_NO_ASSERT) assert(isAsRead(packet, connection, toServer, flags), 'what comparing says of a frame is what reading says');
  const nowPs = packet.arrivalPs;
  poolGive(app.pool, packet);
  count(app, GeneratorCounter.delivered);
  handleSegment(app, connection, toServer, flags, number & 3, wasSentBefore(ip + IPV4_BYTES), nowPs);
}

/** The connection under way whose packet this is, from its inner IPv4 header on, undamaged or not; null if it is none. */
export function connectionOf(app: TcpGenerator, ip: usize): Connection | null {
  const words = turnWords(v128.load(ip + IPV4_BYTES, 4));
  const bytes = v128.load(ip + IPV4_CHECKSUM_OFFSET);
  let ends = readEnds(bytes, false);
  const toServer = isServer(app, <u32>(i64x2.extract_lane(ends, 1) >> 16));
  if (!toServer) ends = readEnds(bytes, true);
  const number = <u32>(toServer ? i32x4.extract_lane(words, 0) : i32x4.extract_lane(words, 1));
  const slot = (number >> 2) & CONNECTION_MASK;
  if (slot >= app.connections.fresh) return null;
  const connection = connectionAt(app, slot);
  return isNotMeant(app, connection, number) | endsDiffer(ends, endsOf(connection)) ? null : connection;
}

/** Reads the frame and compares: for debug builds. */
function isAsRead(packet: Packet, connection: Connection, toServer: bool, flags: u32): bool {
  const isGood = parseTunnel(packet.frame, packet.frameBytes) == DropReason.none && headers.protocol == PROTOCOL_TCP && innerTcpChecksumIsGood();
  return isGood && headers.tcpFlags == flags && isBetween(connection, toServer);
}

/** Reads a packet from its first header on, drops it for what is wrong with it, or finds whose it is. */
function receiveOther(app: TcpGenerator, packet: Packet): void {
  const nowPs = packet.arrivalPs;
  let reason = parseTunnel(packet.frame, packet.frameBytes);
  const toServer = isServer(app, headers.destination);
  const background = app.background;
  const isBackground = background != null && backgroundOwns(background, toServer);
  if (reason == DropReason.none) {
    if (isBackground) reason = backgroundCheck();
    else if (headers.protocol != PROTOCOL_TCP) reason = DropReason.unsupported;
    else if (!innerTcpChecksumIsGood()) reason = DropReason.checksum;
  }
  if (reason != DropReason.none) {
    dropPacket(app.pool, packet, app.place, reason);
    return;
  }
  // The packet's bytes stay as they are until the next one is taken; all that is needed of them is read before that.
  poolGive(app.pool, packet);
  if (isBackground) {
    backgroundReceive(changetype<BackgroundFlows>(background), toServer, nowPs);
    return;
  }
  count(app, GeneratorCounter.delivered);
  const transport = headers.transport;
  const number = toServer ? Tcp.sequence(transport) : Tcp.acknowledgement(transport);
  const slot = (number >> 2) & CONNECTION_MASK;
  const connection = connectionAt(app, slot);
  if (slot < app.connections.fresh && !isNotMeant(app, connection, number) && isBetween(connection, toServer)) {
    handleSegment(app, connection, toServer, headers.tcpFlags, number & 3, wasSentBefore(transport), nowPs);
  } else {
    count(app, GeneratorCounter.unexpected);
  }
}

/** A packet of a connection under way. `offset` as in `serverReceive`; the packet itself was given back already. */
// @ts-ignore: decorator
@inline
function handleSegment(app: TcpGenerator, connection: Connection, toServer: bool, flags: u32, offset: u32, wasSent: bool, nowPs: i64): void {
  if (flags & TCP_RST) {
    breakConnection(app, connection, GeneratorCounter.brokenReset, nowPs);
    return;
  }
  if (wasSent) count(app, GeneratorCounter.repeated);
  else noteOrder(app, connection, flags, offset, toServer);
  if (toServer) serverReceive(app, connection, flags, offset, nowPs);
  else clientReceive(app, connection, flags, nowPs);
}

/** Which segment a packet is, and which ones its sender sends later, by `segmentIndex`: one byte each. */
const segments: usize = memory.data(2 << 5, 64);
fillSegments();

// @ts-ignore: decorator
@inline
function segmentIndex(flags: u32, offset: u32, toServer: bool): u32 {
  return (<u32>toServer << 4) | ((flags & (TCP_SYN | TCP_FIN)) << 2) | offset;
}

function fillSegments(): void {
  for (let flags: u32 = 0; flags <= (TCP_SYN | TCP_FIN); flags++) {
    for (let offset: u32 = 0; offset <= 3; offset++) {
      noteSegment(flags, offset, true, clientSegment(flags, offset), Segment.ofClient);
      noteSegment(flags, offset, false, flags & TCP_SYN ? Segment.synAck : Segment.finAck, Segment.ofServer);
    }
  }
}

function noteSegment(flags: u32, offset: u32, toServer: bool, segment: u32, ofSender: u32): void {
  const later = ofSender & ~(segment | (segment - 1));
  store<u16>(segments + (segmentIndex(flags, offset, toServer) << 1), <u16>(segment | (later << 8)));
}

function clientSegment(flags: u32, offset: u32): u32 {
  if (flags & TCP_SYN) return Segment.syn;
  if (flags & TCP_FIN) return Segment.fin;
  return offset == 2 ? Segment.lastAck : Segment.ack;
}

/** Whether the network gave a packet twice, or gave a later one of the same sender before it. `offset` as in `serverReceive`. */
// @ts-ignore: decorator
@inline
function noteOrder(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, toServer: bool): void {
  const entry: u32 = load<u16>(segments + (segmentIndex(flags, offset, toServer) << 1));
  const seen = <u32>connection.seen;
  if (seen & (entry | (entry >> 8))) noteDisorder(app, seen, entry & 0xff);
  connection.seen = <u8>(seen | entry);
}

function noteDisorder(app: TcpGenerator, seen: u32, segment: u32): void {
  if (seen & segment) count(app, GeneratorCounter.duplicated);
  // A client that thinks about its ACK for longer than it holds sends its FIN first.
  else if (segment != Segment.ack || app.holdPs >= app.clientTurnaroundPs) count(app, GeneratorCounter.reordered);
}

// @ts-ignore: decorator
@inline
function isServer(app: TcpGenerator, address: u32): bool {
  return address - app.plan.serverFirstAddress < app.plan.serverAddressCount;
}

// @ts-ignore: decorator
@inline
function connectionAt(app: TcpGenerator, slot: u32): Connection {
  return changetype<Connection>(app.connections.base + <usize>slot * CONNECTION_BYTES);
}

/** Zero if a record's connection is under way, and the one that a sequence number means. */
// @ts-ignore: decorator
@inline
function isNotMeant(app: TcpGenerator, connection: Connection, number: u32): u32 {
  return <u32>(connection.clientState == <u8>ClientState.free) | ((number & ~3) ^ initialSequence(app, connection));
}

/** Whether the packet in `headers` has the connection's addresses and ports. */
// @ts-ignore: decorator
@inline
function isBetween(connection: Connection, toServer: bool): bool {
  const client = endpointOf(connection.clientAddress, connection.clientPort);
  const server = endpointOf(connection.serverAddress, connection.serverPort);
  return headers.sourceEndpoint == (toServer ? client : server) && headers.destinationEndpoint == (toServer ? server : client);
}
