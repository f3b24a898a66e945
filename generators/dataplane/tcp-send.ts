import { linkSend } from '../../core/dataplane/link';
import { describeFrameAlike, poolTakeUndescribed } from '../../core/dataplane/packet';
import { TCP_ACK, TCP_FIN } from '../../core/dataplane/tcp';
import { Udp } from '../../core/dataplane/udp';
import { AnswerQueue, answerConnection, answersPush, answersShift } from './answers';
import { Connection, endsOf } from './connection';
import { endpointsOnly, endsBytes, exchangeEnds } from './endpoints';
import { SENT_AGAIN, copyTail, fillFrame } from './frame-template';
import { CONNECTION_BITS, CONNECTION_BYTES, ClientState, GeneratorCounter } from './generator-layout';
import { TcpGenerator, count, outputOf } from './tcp-generator';
import { FrameTemplate, alikeOf } from './tcp-template';
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

/**
 * `offset` counts the SYN and FIN that the sender has had acknowledged or sent before. `SENT_AGAIN` may stand among the flags. An answer leaves after its turnaround.
 * Returns when the first bit went out, or -1 when it did not (yet).
 */
export function sendClient(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): i64 {
  if (app.clientTurnaroundPs > 0 && (flags & ~SENT_AGAIN) == TCP_ACK) {
    think(app, app.clientAnswers, connection, flags, offset, readyPs + app.clientTurnaroundPs);
    return -1;
  }
  return sendClientNow(app, connection, flags, offset, readyPs);
}

/** As `sendClient`, of the server. */
export function sendServer(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): void {
  if (app.turnaroundPs > 0) think(app, app.serverAnswers, connection, flags, offset, readyPs + app.turnaroundPs);
  else sendServerNow(app, connection, flags, offset, readyPs);
}

/** False, and counted, when there is no room to think about it. */
function think(app: TcpGenerator, queue: AnswerQueue, connection: Connection, flags: u32, offset: u32, untilPs: i64): bool {
  if (!answersPush(queue, connection, flags, offset, untilPs)) {
    count(app, GeneratorCounter.unsentPackets);
    return false;
  }
  if (untilPs < app.ownPs) app.ownPs = untilPs;
  return true;
}

/** Sends the first answer, which is due. One of a connection that has ended meanwhile is none. */
export function sendAnswer(app: TcpGenerator, isServer: bool, nowPs: i64): void {
  const answer = answersShift(isServer ? app.serverAnswers : app.clientAnswers);
  const connection = answerConnection(answer);
  if (connection == null) return;
  if (isServer) sendServerNow(app, connection, answer.flags, answer.offset, nowPs);
  else sendClientNow(app, connection, answer.flags, answer.offset, nowPs);
}

function sendClientNow(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): i64 {
  const sequence = initialSequence(app, connection);
  const acknowledgement = flags & TCP_ACK ? sequence * SERVER_SEQUENCE_FACTOR + (offset == 0 ? 1 : offset) : 0;
  return send(app, connection, SIDE_CLIENT, flags, sequence + offset, acknowledgement, readyPs);
}

function sendServerNow(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, readyPs: i64): void {
  const sequence = initialSequence(app, connection);
  send(app, connection, SIDE_SERVER, flags, sequence * SERVER_SEQUENCE_FACTOR + offset, sequence + offset + 1, readyPs);
}

/** Builds and sends one packet; returns when its first bit went out, or -1 when it did not. */
// @ts-ignore: decorator
@inline
function send(app: TcpGenerator, connection: Connection, side: u32, flags: u32, sequence: u32, acknowledgement: u32, readyPs: i64): i64 {
  const packet = poolTakeUndescribed(app.pool);
  if (packet == null) {
    count(app, GeneratorCounter.unsentPackets);
    return -1;
  }
  count(app, GeneratorCounter.sent);
  const fromServer = side == SIDE_SERVER;
  const template = changetype<FrameTemplate>(app.templates + (2 * <usize>connection.fnic + side) * offsetof<FrameTemplate>());
  const frame = packet.frame;
  const ends = endsOf(connection);
  let endpoints = endpointsOnly(ends);
  if (fromServer) endpoints = exchangeEnds(endpoints);
  fillFrame(frame, template.frame, app.innerIpOffset, template.tcpSum, endsBytes(ends, fromServer), endpoints, sequence, acknowledgement, flags);
  if (app.outerUdpOffset) {
    const entropy = connection.clientPort + connection.clientAddress * 31;
    Udp.setSourcePort(frame + app.outerUdpOffset, DYNAMIC_PORT_FIRST | (entropy & DYNAMIC_PORT_MASK));
  }
  describeFrameAlike(packet, template.tunnelEnds, endpoints, alikeOf(template), flags);
  copyTail(frame, template.frame, app.frameBytes);
  return linkSend(outputOf(app, connection.way), packet, readyPs);
}

/**
 * The client sends its FIN after its hold, if the connection lives. There is room for every connection; where that is taken by holds of too many that were
 * reset, it is sent at once, and the trial is invalid.
 */
export function hold(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  const untilPs = nowPs + app.holdPs;
  connection.clientState = <u8>ClientState.holding;
  connection.clientTimerDeadlinePs = untilPs;
  if (!think(app, app.holds, connection, TCP_FIN, 1, untilPs)) sendFin(app, connection, nowPs);
}

/** Ends the first hold, which is due. That of a connection which has ended meanwhile is none. */
export function endHold(app: TcpGenerator, nowPs: i64): void {
  const connection = changetype<Connection>(answersShift(app.holds).connection);
  const holds = connection.clientState == <u8>ClientState.holding && connection.clientTimerDeadlinePs == nowPs;
  if (holds) sendFin(app, connection, nowPs);
}

export function sendFin(app: TcpGenerator, connection: Connection, nowPs: i64): void {
  connection.clientState = <u8>ClientState.finSent;
  connection.clientRetries = 0;
  sendClient(app, connection, TCP_FIN | TCP_ACK, 1, nowPs);
  armClient(app, connection, LIST_FIN, nowPs);
}

