import { FLOW_BUCKET_RECORDS, FlowFlag, FlowState } from './flow-layout';
import { StateChannel, channelForget } from './state-channel';
import { bucketAt, FlowBucket, FlowRecord, FlowTable, recordAt, removeRecord, tagAt } from './flow-record';

/**
 * Ageing by a sweep hand (docs/decisions/0002-ageing-by-sweep.md): every bucket is visited once per `sweepPeriodMs`, and
 * records idle for longer than their timeout are deleted. No record is deleted early, and none outlives its deadline by more
 * than the period and the time between two calls: call at least twice a second and every record is gone within 1 s.
 *
 * @param nowMs the time in u32 milliseconds that wrap; calls must be less than 2^31 ms apart
 * @returns records deleted by this call
 */
export function flowAge(table: FlowTable, nowMs: u32): u32 {
  const countBefore = table.count;
  const bucketCount = table.bucketCount;
  const due = table.sweepRemainder + <u64>(nowMs - table.sweptAtMs) * bucketCount;
  const whole = due / table.sweepPeriodMs;
  table.sweepRemainder = due - whole * table.sweepPeriodMs;
  table.sweptAtMs = nowMs;
  let hand = table.sweepHand;
  for (let left = whole < bucketCount ? <u32>whole : bucketCount; left > 0; left--) {
    const bucket = bucketAt(table, hand);
    if (bucket.tags != 0) sweepBucket(table, bucket, nowMs);
    hand += 1;
    if (hand == bucketCount) hand = 0;
  }
  table.sweepHand = hand;
  return countBefore - table.count;
}

/**
 * Whether the record's idle time exceeds its timeout at the time of the last sweep. A displacement asks before it moves a record:
 * one that moved behind the hand would otherwise miss its visit and outlive its deadline by two periods.
 */
// @ts-ignore: decorator
@inline
export function flowExpired(table: FlowTable, record: FlowRecord, nowMs: u32): bool {
  const idleMs = idleMaxMs(table, ageingClass(record));
  return <i32>(nowMs - record.lastSeenMs) > <i32>idleMs && mayGo(table, record, nowMs, idleMs);
}

/** A card's part for an fNIC, as ageing sees it. */
@unmanaged
export class FnicPart {
  /** 1 on the card that keeps copies: it doesn't see the flows' packets, so the card that does tells it which are over. */
  isStandby: u32;
  /** Since when it keeps no copies any more; of the records that it has then it can't know yet which are in use. */
  servesSinceMs: u32;
  /** 1 until all of them would have been seen: times wrap, so this doesn't follow from `servesSinceMs`. */
  inGrace: u32;
  /** Channel to the card with the copies; 0 for none. */
  toStandby: usize;
}

/**
 * Whether a record that was idle for too long may be deleted. A flow whose both FINs were replicated goes on both cards alike; of any
 * other the card with the copies has to be told, and while there is no room to say so, the record stays.
 */
function mayGo(table: FlowTable, record: FlowRecord, nowMs: u32, idleMs: u32): bool {
  if (table.parts == 0 || (record.state >= <u8>FlowState.finBothInitiatorFirst && (record.flags & <u8>FlowFlag.poison) == 0)) return true;
  const part = changetype<FnicPart>(table.parts + <usize>(<u32>(record.high >> 32) & 0xffff) * offsetof<FnicPart>());
  if (part.isStandby) return false;
  let lastSeenMs = record.lastSeenMs;
  if (part.inGrace) {
    // Another card may have served it, and have seen it until then, or a little longer, while routes changed; it keeps the copies now.
    if (<i32>(nowMs - part.servesSinceMs) <= <i32>idleMs) return false;
    if (<i32>(part.servesSinceMs - lastSeenMs) > 0) lastSeenMs = part.servesSinceMs;
  }
  return part.toStandby == 0 || channelForget(changetype<StateChannel>(part.toStandby), record.low, record.high, lastSeenMs);
}

/** Longer than it takes to come by a record that is due: a sweep, and what holds it up. */
const GRACE_MARGIN_MS: u32 = 5000;

/** Lets copies that a card took over age as all others do, once each had the time to be seen and swept. Call at least once in 2^31 ms. */
export function endGraces(table: FlowTable, fnicCount: u32, nowMs: u32): void {
  let longestMs = table.establishedIdleMs > table.halfOpenIdleMs ? table.establishedIdleMs : table.halfOpenIdleMs;
  if (table.closedLingerMs > longestMs) longestMs = table.closedLingerMs;
  for (let index: u32 = 0; index < fnicCount; index++) {
    const part = changetype<FnicPart>(table.parts + <usize>index * offsetof<FnicPart>());
    if (nowMs - part.servesSinceMs > longestMs + GRACE_MARGIN_MS) part.inGrace = 0;
  }
}

/** Deletes an expired record and counts it. */
export function flowExpire(table: FlowTable, bucket: FlowBucket, slot: u32): void {
  const age = ageingClass(recordAt(bucket, slot));
  if (age == AgeingClass.established) table.agedEstablished += 1;
  else if (age == AgeingClass.halfOpen) table.agedHalfOpen += 1;
  else table.agedClosed += 1;
  removeRecord(table, bucket, slot);
}

/** Records of open connections that are the card's own to serve, not copies that it keeps for its peer. Walks the whole table. */
export function flowCountOpen(table: FlowTable): u32 {
  let open: u32 = 0;
  for (let index: u32 = 0; index < table.bucketCount; index++) {
    const bucket = bucketAt(table, index);
    const tags = bucket.tags;
    for (let slot: u32 = 0; slot < <u32>FLOW_BUCKET_RECORDS; slot++) {
      if (tagAt(tags, slot) == 0) continue;
      const record = recordAt(bucket, slot);
      if ((record.flags & <u8>FlowFlag.secondary) == 0 && ageingClass(record) == AgeingClass.established) open++;
    }
  }
  return open;
}

enum AgeingClass {
  established,
  halfOpen,
  closed,
}

/** A record of an earlier epoch than this before the current one passes for one of that epoch: the counter is circular (section 3.2, footnote 2). */
export const EPOCH_AGE_MAX: u32 = 200;

/** What is written from now on belongs to no earlier checkpoint. */
export function tickEpoch(table: FlowTable): void {
  table.epoch = (table.epoch + 1) & 255;
}

function sweepBucket(table: FlowTable, bucket: FlowBucket, nowMs: u32): void {
  const tags = bucket.tags;
  for (let slot: u32 = 0; slot < <u32>FLOW_BUCKET_RECORDS; slot++) {
    if (tagAt(tags, slot) == 0) continue;
    const record = recordAt(bucket, slot);
    if (flowExpired(table, record, nowMs)) flowExpire(table, bucket, slot);
    else if (((table.epoch - record.epoch) & 255) > EPOCH_AGE_MAX) record.epoch = <u8>(table.epoch - EPOCH_AGE_MAX);
  }
}

/**
 * A record with one FIN ages as established: a half-closed connection may carry data, and wait for it, for as long as an open
 * one. A secondary sees only the SYN of an open connection, so there synSent is no sign of a half-open one.
 */
// @ts-ignore: decorator
@inline
function ageingClass(record: FlowRecord): AgeingClass {
  const flags = record.flags;
  if (record.state >= <u8>FlowState.finBothInitiatorFirst || (flags & FlowFlag.resetSeen) != 0) return AgeingClass.closed;
  if ((flags & FlowFlag.poison) != 0) return AgeingClass.halfOpen;
  if (record.state != FlowState.synSent) return AgeingClass.established;
  return (flags & (FlowFlag.ackSeen | FlowFlag.secondary)) != 0 ? AgeingClass.established : AgeingClass.halfOpen;
}

// @ts-ignore: decorator
@inline
function idleMaxMs(table: FlowTable, age: AgeingClass): u32 {
  if (age == AgeingClass.established) return table.establishedIdleMs;
  return age == AgeingClass.halfOpen ? table.halfOpenIdleMs : table.closedLingerMs;
}
