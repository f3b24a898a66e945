import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { linkSend } from '../../core/dataplane/link';
import { describeFrame, poolTake, queuePush } from '../../core/dataplane/packet';
import { TCP_ACK, TCP_FIN } from '../../core/dataplane/tcp';
import { Udp } from '../../core/dataplane/udp';
import { Connection } from './connection';
import { SENT_AGAIN, fillFrame } from './frame-template';
import { CONNECTION_BITS, CONNECTION_BYTES, ClientState, GeneratorCounter } from './generator-layout';
import { TcpGenerator, count, outputOf } from './tcp-generator';
import { FrameTemplate } from './tcp-template';
import { LIST_FIN, armClient } from './tcp-timers';

/** Multiplying by an odd number makes the server's initial sequence number a function of the client's. */
export const SERVER_SEQUENCE_FACTOR: u32 = 0x9e3779b1;
const DYNAMIC_PORT_FIRST: u32 = 0xc000;
const DYNAMIC_PORT_MASK: u32 = 0x3fff;

const SIDE_CLIENT: u32 = 0;
const SIDE_SERVER: u32 = 1;

// @ts-ignore: decorator
@inline
export function initialSequence(app: TcpGenerator, connection: Connection): u32 {
  const slot = <u32>((changetype<usize>(connection) - app.connections.base) / CONNECTION_BYTES);
  return (slot << 2) | (<u32>connection.generation << (CONNECTION_BITS + 2));
}

/** `offset` counts the SYN and FIN that the sender has had acknowledged or sent before. `SENT_AGAIN` may stand among the flags. */
export function sendClient(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): i64 {
  const sequence = initialSequence(app, connection);
  const acknowledgement = flags & TCP_ACK ? sequence * SERVER_SEQUENCE_FACTOR + (offset == 0 ? 1 : offset) : 0;
  return send(app, connection, SIDE_CLIENT, flags, sequence + offset, acknowledgement, readyPs);
}

export function sendServer(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): void {
  const sequence = initialSequence(app, connection);
  send(app, connection, SIDE_SERVER, flags, sequence * SERVER_SEQUENCE_FACTOR + offset, sequence + offset + 1, readyPs);
}

/** Builds and sends one packet; returns when its first bit went out, or -1 when it did not. */
function send(app: TcpGenerator, connection: Connection, side: u32, flags: u32, sequence: u32, acknowledgement: u32, readyPs: i64): i64 {
  const packet = poolTake(app.pool);
  if (packet == null) {
    count(app, GeneratorCounter.unsentPackets);
    return -1;
  }
  count(app, GeneratorCounter.sent);
  const template = changetype<FrameTemplate>(app.templates + (2 * <usize>connection.fnic + side) * offsetof<FrameTemplate>());
  const fromClient = side == SIDE_CLIENT;
  const frame = packet.frame;
  const clientAddress = connection.clientAddress;
  const clientPort = <u32>connection.clientPort;
  const clientEnd = ((<u64>clientAddress) << 16) | clientPort;
  const serverEnd = ((<u64>connection.serverAddress) << 16) | connection.serverPort;
  const source = fromClient ? clientEnd : serverEnd;
  const destination = fromClient ? serverEnd : clientEnd;
  fillFrame(frame, template.frame, app.frameBytes, app.innerIpOffset, template.ipv4Sum, template.tcpSum, source, destination, sequence, acknowledgement, flags);
  if (app.outerUdpOffset) Udp.setSourcePort(frame + app.outerUdpOffset, DYNAMIC_PORT_FIRST | ((clientPort + clientAddress * 31) & DYNAMIC_PORT_MASK));
  packet.frameBytes = app.frameBytes;
  packet.outerDestination = template.outerDestination;
  describeFrame(packet, template.tunnelEnds, source, destination, PROTOCOL_TCP, flags, app.innerIpOffset - ETHERNET_BYTES);
  const thinkingPs = fromClient ? ((flags & ~SENT_AGAIN) == TCP_ACK ? app.clientTurnaroundPs : 0) : app.turnaroundPs;
  if (thinkingPs > 0) {
    // No card has it yet: its hash's place holds what chooses its link.
    packet.flowHash = connection.fnic;
    packet.port = connection.port;
    packet.arrivalPs = readyPs + thinkingPs;
    queuePush(fromClient ? app.clientThinking : app.thinking, packet);
    return readyPs;
  }
  return linkSend(outputOf(app, connection.fnic, connection.port), packet, readyPs);
}

export function sendFin(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  connection.clientState = <u8>ClientState.finSent;
  connection.clientRetries = 0;
  sendClient(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
  armClient(app, connection, LIST_FIN, nowPs);
}

