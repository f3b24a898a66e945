import { histogramRecord } from '../../core/dataplane/histogram';
import { TCP_ACK, TCP_FIN, TCP_SYN } from '../../core/dataplane/tcp';
import { Connection } from './connection';
import { ClientState, GeneratorCounter, ServerState } from './generator-layout';
import { TcpGenerator, count } from './tcp-generator';
import { SENT_AGAIN } from './frame-template';
import { hold, sendClient, sendFin, sendServer } from './tcp-send';
import { LIST_SERVER_FIN, armServer, cancelClient, cancelServer, closeConnection, recordClientStall, recordServerStall } from './tcp-timers';

/** A segment for a client: RFC 9293's states, as far as six packets without payload need them. */
export function clientReceive(app: TcpGenerator, connection: Connection, flags: u32, nowPs: i64): void {
  const state = <u32>connection.clientState;
  if (flags == (TCP_SYN | TCP_ACK)) {
    if (state == ClientState.synSent) {
      histogramRecord(app.synToSynAck, nowPs - connection.intendedPs);
      count(app, GeneratorCounter.established);
      recordClientStall(app, connection, nowPs);
      cancelClient(app, connection);
      sendClient(app, connection, TCP_ACK, 1, nowPs);
      if (app.holdPs > 0) hold(app, connection, nowPs);
      else sendFin(app, connection, nowPs);
    } else {
      // The server has not seen our ACK: say it again.
      sendClient(app, connection, TCP_ACK | SENT_AGAIN, 1, nowPs);
    }
  } else if (flags == (TCP_FIN | TCP_ACK) && (state == ClientState.finSent || state == ClientState.timeWait)) {
    recordClientStall(app, connection, nowPs);
    cancelClient(app, connection);
    connection.clientState = <u8>ClientState.timeWait;
    sendClient(app, connection, state == ClientState.timeWait ? TCP_ACK | SENT_AGAIN : TCP_ACK, 2, nowPs);
  } else {
    count(app, GeneratorCounter.unexpected);
  }
}

/** `offset` is how far the packet's sequence number is past the client's initial one. */
export function serverReceive(app: TcpGenerator, connection: Connection, flags: u32, offset: u32, nowPs: i64): void {
  const state = <u32>connection.serverState;
  if (flags == TCP_SYN) {
    if (state > <u32>ServerState.synReceived) return;
    connection.serverState = <u8>ServerState.synReceived;
    sendServer(app, connection, TCP_SYN | TCP_ACK | (state == ServerState.listening ? 0 : SENT_AGAIN), 0, nowPs);
  } else if (flags == TCP_ACK && offset == 1) {
    if (state == ServerState.synReceived) connection.serverState = <u8>ServerState.established;
  } else if (flags == (TCP_FIN | TCP_ACK) && state != ServerState.listening) {
    // The FIN acknowledges our SYN-ACK as well (RFC 9293, 3.10.7.4), so a lost ACK does no harm, unless the server is told to mind.
    if (app.finNeedsAck && state == ServerState.synReceived) {
      sendServer(app, connection, TCP_SYN | TCP_ACK | SENT_AGAIN, 0, nowPs);
      return;
    }
    cancelServer(app, connection);
    if (state != ServerState.lastAck) connection.serverRetries = 0;
    connection.serverState = <u8>ServerState.lastAck;
    sendServer(app, connection, TCP_FIN | TCP_ACK | (state == ServerState.lastAck ? SENT_AGAIN : 0), 1, nowPs);
    armServer(app, connection, LIST_SERVER_FIN + <u32>connection.serverRetries, nowPs + app.turnaroundPs);
  } else if (flags == TCP_ACK && offset == 2 && state == ServerState.lastAck) {
    recordServerStall(app, connection, nowPs);
    closeConnection(app, connection, GeneratorCounter.completed);
  } else {
    count(app, GeneratorCounter.unexpected);
  }
}

