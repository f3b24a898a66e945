import { DropReason } from '../../core/dataplane/contract';
import { outageListen } from '../../core/dataplane/outage';
import { Packet } from '../../core/dataplane/packet';
import { lossMark, lossMarkDenied, lossMarksEnd, lossMarksStart } from './loss-marks';
import { TcpGenerator } from './tcp-generator';
import { connectionOf } from './tcp-receive';

/** The generator of TCP connections that the data plane has. */
let generator: usize = 0;

/** Losses are watched of one generator: marks and counters know of no second one, and would tell the one's losses as the other's. */
export function lossWatchOffer(app: TcpGenerator): void {
  if (generator != 0) throw new Error('a data plane has at most one generator of TCP connections');
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
 * Marks whoever lost the packet. What a policy denies is lost in no outage, and goes on for as long as somebody asks. What cards refuse of a
 * connection that waits already belongs to none either: its state is gone, so it sends again and again until it breaks. That tells an earlier
 * outage's losses only while waits are shorter than the gaps between events: a connection whose state went, and which sends the first time
 * thereafter when the next event has come, counts for that one.
 */
function judgeLostPacket(address: usize, reason: u32): bool {
  const packet = changetype<Packet>(address);
  const app = changetype<TcpGenerator>(generator);
  const isDenied = reason == DropReason.aclDenied;
  if (packet.frameBytes != app.frameBytes) return !isDenied;
  const connection = connectionOf(app, packet.frame + app.innerIpOffset);
  if (connection == null) return !isDenied;
  if (isDenied) {
    lossMarkDenied(connection);
    return false;
  }
  return lossMark(connection) || reason != DropReason.noFlow;
}
