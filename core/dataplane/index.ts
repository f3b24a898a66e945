// What the control plane calls of the data plane's core.
import { Histogram } from './histogram';
import { Link, linkSend } from './link';
import { dropCounters, PacketPool, poolTake } from './packet';

export { arenaAllocate, arenaBytes } from './arena';
export { captureCreate, captureSlotSize, captureTaken } from './capture';
export { engineAddApp, engineAddLink, engineNowPs, engineRun, engineStepWall } from './engine';
export { histogramCreate, histogramRecord, histogramReset } from './histogram';
export { impairmentAddLane, impairmentCounters, impairmentCreate, impairmentSet } from './impairment';
export { linkCreate, linkSetDown, linkSetTap } from './link';
export { outageFirstPs, outageLastPs, outageLosses, outageReset } from './outage';
export { controlDropped, controlOutstanding, controlPoolCreate, droppedPackets, poolCreate } from './packet';
export { sinkCreate, sinkDelivered, sinkRecord, sinkSlotSize, sinkTakeRecorded } from './sink';
export { stationCreate, stationWait } from './station';
export { switchAddPort, switchClearRoute, switchCreate, switchSetRoute } from './switch';

export function poolOutstanding(pool: PacketPool): u32 {
  return pool.outstanding;
}

/** Address of the drop counters: u64 by place (rows of DROP_REASON_COUNT) and reason. */
export function dropCountersAddress(): usize {
  return dropCounters;
}

/** Sends a copy of `frameBytes` bytes at `frame` over a link; false when no packet was free or the link refused it. */
export function linkInject(pool: PacketPool, link: Link, frame: usize, frameBytes: u32, readyPs: i64): bool {
  const packet = poolTake(pool);
  if (packet == null) return false;
  memory.copy(packet.frame, frame, frameBytes);
  packet.frameBytes = frameBytes;
  return linkSend(link, packet, readyPs) >= 0;
}

export function histogramCount(histogram: Histogram): u64 {
  return histogram.count;
}

export function histogramSumNs(histogram: Histogram): u64 {
  return histogram.sumNs;
}

export function histogramMinNs(histogram: Histogram): u64 {
  return histogram.minNs;
}

export function histogramMaxNs(histogram: Histogram): u64 {
  return histogram.maxNs;
}

/** Address of the bucket counts: u64 each, HISTOGRAM_COUNTS of them. */
export function histogramCounts(histogram: Histogram): usize {
  return histogram.counts;
}
