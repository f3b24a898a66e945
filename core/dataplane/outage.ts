import { OUTAGE_QUIET_PS } from './contract';

/** Later than any loss. */
const NONE_PS: i64 = i64.MAX_VALUE;

// The outage of an event is its burst with the most packets: one that strays before it, or what comes again long after it, is another burst.

/** The burst under way. */
let firstPs: i64 = NONE_PS;
let lastPs: i64 = NONE_PS;
let lossCount: u64 = 0;
/** The greatest of those that ended, the first one of equals. */
let greatestFirstPs: i64 = NONE_PS;
let greatestLastPs: i64 = NONE_PS;
let greatestCount: u64 = 0;
let number: u32 = 0;
/** Index of a function; 0: nobody asks. */
let listener: u32 = 0;

/** Lets a function judge each packet that is lost, by address and reason, while it is still whole: whether it belongs to the outage there is. */
export function outageListen(listenerIndex: u32): void {
  listener = listenerIndex;
}

/** A packet was lost. Apps run ahead of each other, so losses come in order of time but for some microseconds. */
export function noteLoss(packet: usize, atPs: i64, reason: u32): void {
  if (listener != 0 && !call_indirect<bool>(listener, packet, reason)) return;
  if (firstPs != NONE_PS && atPs - lastPs > OUTAGE_QUIET_PS) endBurst();
  if (firstPs == NONE_PS) {
    firstPs = atPs;
    lastPs = atPs;
  } else if (atPs < firstPs) {
    firstPs = atPs;
  } else if (atPs > lastPs) {
    lastPs = atPs;
  }
  lossCount++;
}

/** Keeps the burst under way if it is the greatest so far: the next loss begins another one. */
function endBurst(): void {
  if (lossCount > greatestCount) {
    greatestFirstPs = firstPs;
    greatestLastPs = lastPs;
    greatestCount = lossCount;
  }
  firstPs = NONE_PS;
  lastPs = NONE_PS;
  lossCount = 0;
}

/** Forgets the outage there was: the next loss begins another one. */
export function outageReset(): void {
  endBurst();
  greatestFirstPs = NONE_PS;
  greatestLastPs = NONE_PS;
  greatestCount = 0;
  number++;
}

/** How often it was forgotten: which outage a loss belongs to. */
export function outageNumber(): u32 {
  return number;
}

/** Packets lost from the first to the last one of the outage; those lost in other bursts are none of it. */
export function outageLosses(): u64 {
  return isUnderWay() ? lossCount : greatestCount;
}

/** First packet lost in the outage since the last reset; the greatest i64 when there was none. */
export function outageFirstPs(): i64 {
  return isUnderWay() ? firstPs : greatestFirstPs;
}

/** Last packet lost in it, before 50 ms without a loss. */
export function outageLastPs(): i64 {
  return isUnderWay() ? lastPs : greatestLastPs;
}

/** Whether the burst under way is the greatest. */
function isUnderWay(): bool {
  return lossCount > greatestCount;
}
