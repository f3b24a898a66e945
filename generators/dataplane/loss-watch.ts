import { DropReason } from '../../core/dataplane/contract';
import { outageListen } from '../../core/dataplane/outage';
import { Packet } from '../../core/dataplane/packet';
import { lossMark, lossMarksEnd, lossMarksStart } from './loss-marks';
import { TcpGenerator } from './tcp-generator';
import { connectionOf } from './tcp-receive';

/** The generator of TCP connections that the data plane has. */
let generator: usize = 0;

export function lossWatchOffer(app: TcpGenerator): void {
  generator = changetype<usize>(app);
}

/** Marks the connections of lost packets from now on; call before the first packet moves. Returns the counters' address: see `LossCounter`. */
export function lossWatchStart(): usize {
  const listener: (packet: usize, reason: u32) => bool = judgeLostPacket;
  outageListen(listener.index);
  return lossMarksStart(changetype<TcpGenerator>(generator).connections);
}

/** Call once, at the end of a run, before the counters are read. */
export function lossWatchEnd(): void {
  lossMarksEnd(changetype<TcpGenerator>(generator).connections);
}

/**
 * Marks whoever lost the packet. What cards refuse of a connection whose state went in an earlier outage belongs to none: it is sent again and
 * again until the connection breaks, and has nothing to do with what happened last.
 */
function judgeLostPacket(address: usize, reason: u32): bool {
  const packet = changetype<Packet>(address);
  const app = changetype<TcpGenerator>(generator);
  if (packet.frameBytes != app.frameBytes) return true;
  const connection = connectionOf(app, packet.frame + app.innerIpOffset);
  return connection == null || lossMark(connection) || reason != DropReason.noFlow;
}
