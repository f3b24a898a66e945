/** Later than any loss. */
const NONE_PS: i64 = i64.MAX_VALUE;
/** A loss that comes later than this after the one before it is no longer the same outage. */
const QUIET_PS: i64 = 50_000_000_000; // 50 ms

let firstPs: i64 = NONE_PS;
let lastPs: i64 = NONE_PS;
let lossCount: u64 = 0;
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
  if (firstPs == NONE_PS) {
    firstPs = atPs;
    lastPs = atPs;
  } else if (atPs < firstPs) {
    firstPs = atPs;
  } else if (atPs > lastPs) {
    if (atPs - lastPs > QUIET_PS) return;
    lastPs = atPs;
  }
  lossCount++;
}

/** Forgets the outage there was: the next loss begins another one. */
export function outageReset(): void {
  firstPs = NONE_PS;
  lossCount = 0;
  number++;
}

/** How often it was forgotten: which outage a loss belongs to. */
export function outageNumber(): u32 {
  return number;
}

/** Packets lost from the first to the last one of the outage; those lost after the quiet are none of it. */
export function outageLosses(): u64 {
  return lossCount;
}

/** First packet lost since the last reset; the greatest i64 when there was none. */
export function outageFirstPs(): i64 {
  return firstPs;
}

/** Last packet lost before the first 50 ms without a loss. */
export function outageLastPs(): i64 {
  return firstPs == NONE_PS ? NONE_PS : lastPs;
}
