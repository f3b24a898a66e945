import { arenaAllocateItems } from './arena';
import { CAPTURE_HEADER_BYTES } from './contract';

/** The first `capacity` packets that pass the tapped links; read out when the run ends. */
let captureBase: usize = 0;
let captureSlotBytes: u32 = 0;
let captureCapacity: u32 = 0;
let captureCount: u32 = 0;

export function captureCreate(capacity: u32, frameBytesMax: u32): usize {
  captureSlotBytes = (CAPTURE_HEADER_BYTES + frameBytesMax + 15) & ~15;
  captureCapacity = capacity;
  captureBase = arenaAllocateItems(capacity, captureSlotBytes);
  return captureBase;
}

export function captureSlotSize(): u32 {
  return captureSlotBytes;
}

export function captureTaken(): u32 {
  return captureCount;
}

/** Copies a frame into the capture, if there is room. `tap` is the number of the link's tap, counted from 1. */
export function capture(tap: u32, timestampPs: i64, frame: usize, frameBytes: u32): void {
  if (captureCount == captureCapacity) return;
  const slot = captureBase + <usize>captureCount * captureSlotBytes;
  captureCount++;
  store<i64>(slot, timestampPs);
  store<u32>(slot, tap, 8);
  store<u32>(slot, frameBytes, 12);
  memory.copy(slot + CAPTURE_HEADER_BYTES, frame, frameBytes);
}
