import { arenaAllocate, arenaAllocateItems } from '../../core/dataplane/arena';
import { STATE_COUNTER_COUNT, STATE_FORGETS_MAX, STATE_FORGOTTEN_SLOTS, STATE_WINDOW, StateCounter } from './card-layout';
import { FlowState } from './flow-layout';
import { FlowKey } from './flow-record';
import { STATE_FRAME_BYTES_MAX, StateEntry, StateHeader, StateKind, stateEntryAt } from './state-frame';

/** A batch under way, kept until the other card has acknowledged it. */
@unmanaged
export class StateSlot {
  /** 1 while it is under way. */
  isUsed: u32;
  sequence: u32;
  sentPs: i64;
  /** StateHeader and its entries. */
  content: usize;
}

/**
 * What one card says to another one about flows, over a reliable transport (section 3.2): numbered batches, each sent again until it is
 * acknowledged. They may come in any order and more than once; the receiver takes of each what it doesn't know better.
 */
@unmanaged
export class StateChannel {
  /** 1 while the other card is there to be talked to. */
  isOpen: u32;
  session: u32;
  sequence: u32;
  /** Slots in use. */
  used: u32;
  slots: usize;
  /** Ring of FlowKeys of flows that are over. */
  forgets: usize;
  /** When each was last seen, u32 milliseconds. */
  forgetSeen: usize;
  forgetHead: u32;
  forgetCount: u32;
  /** Bulk synchronisation: 1 while it goes on. */
  isSyncing: u32;
  /** The checkpoint: records written in an earlier epoch belong to it. */
  checkpoint: u32;
  /** BulkPass, the next bucket to look at, what this pass has copied, and the table's displacements when it began. */
  pass: u32;
  bucket: u32;
  passRecords: u32;
  displaced: u64;
  /** When the next batch of it may be sent. */
  nextBulkPs: i64;
  counters: usize;
  /** Of what came from the other card: by hash, one more than the number of the last batch that told of a flow's end; u32. */
  forgotten: usize;
}

export function channelCreate(): StateChannel {
  const channel = changetype<StateChannel>(arenaAllocate(offsetof<StateChannel>()));
  channel.slots = arenaAllocateItems(STATE_WINDOW, offsetof<StateSlot>());
  for (let index: u32 = 0; index < <u32>STATE_WINDOW; index++) slotAt(channel, index).content = arenaAllocate(STATE_FRAME_BYTES_MAX);
  channel.forgets = arenaAllocateItems(STATE_FORGETS_MAX, offsetof<FlowKey>());
  channel.forgetSeen = arenaAllocate(4 * STATE_FORGETS_MAX);
  channel.forgotten = arenaAllocate(4 * STATE_FORGOTTEN_SLOTS);
  channel.counters = arenaAllocate(8 * STATE_COUNTER_COUNT);
  return channel;
}

/** Begins anew, with nothing under way: the other card is there (again), or is gone. */
export function channelReset(channel: StateChannel, isOpen: u32): void {
  channel.isOpen = isOpen;
  channel.session++;
  channel.used = 0;
  for (let index: u32 = 0; index < <u32>STATE_WINDOW; index++) slotAt(channel, index).isUsed = 0;
  channel.forgetHead = 0;
  channel.forgetCount = 0;
  channel.isSyncing = 0;
}

// @ts-ignore: decorator
@inline
export function slotAt(channel: StateChannel, index: u32): StateSlot {
  return changetype<StateSlot>(channel.slots + <usize>index * offsetof<StateSlot>());
}

export function channelCount(channel: StateChannel, counter: StateCounter, count: u32): void {
  const address = channel.counters + (<usize>counter << 3);
  store<u64>(address, load<u64>(address) + count);
}

/** Asks for the other card to be told that a flow is over; false when too many wait for that. Nobody is told over a closed channel. */
export function channelForget(channel: StateChannel, low: u64, high: u64, lastSeenMs: u32): bool {
  if (!channel.isOpen) return true;
  if (channel.forgetCount >= <u32>STATE_FORGETS_MAX) return false;
  const index = (channel.forgetHead + channel.forgetCount) % <u32>STATE_FORGETS_MAX;
  const key = changetype<FlowKey>(channel.forgets + <usize>index * offsetof<FlowKey>());
  key.low = low;
  key.high = high;
  store<u32>(channel.forgetSeen + (<usize>index << 2), lastSeenMs);
  channel.forgetCount++;
  return true;
}

/** Moves keys that wait into a batch's content. */
export function channelTakeForgets(channel: StateChannel, header: StateHeader, countMax: u32, nowMs: u32): void {
  while (header.count < countMax && channel.forgetCount > 0) {
    const key = changetype<FlowKey>(channel.forgets + <usize>channel.forgetHead * offsetof<FlowKey>());
    const entry = addEntry(header);
    entry.low = key.low;
    entry.high = key.high;
    entry.state = <u8>FlowState.none;
    entry.flags = 0;
    entry.idleMs = nowMs - load<u32>(channel.forgetSeen + (<usize>channel.forgetHead << 2));
    channel.forgetHead = (channel.forgetHead + 1) % <u32>STATE_FORGETS_MAX;
    channel.forgetCount--;
    channelCount(channel, StateCounter.forgets, 1);
  }
}

// @ts-ignore: decorator
@inline
export function addEntry(header: StateHeader): StateEntry {
  return stateEntryAt(header, header.count++);
}

/** A slot for the next batch, with an empty content; null when the window is full. */
export function channelOpenSlot(channel: StateChannel): StateSlot | null {
  if (channel.used >= <u32>STATE_WINDOW) return null;
  for (let index: u32 = 0; index < <u32>STATE_WINDOW; index++) {
    const slot = slotAt(channel, index);
    if (slot.isUsed) continue;
    const header = changetype<StateHeader>(slot.content);
    header.kind = StateKind.batch;
    header.count = 0;
    header.sequence = channel.sequence;
    header.session = channel.session;
    return slot;
  }
  return null;
}

/** The slot's batch is on its way. */
export function channelUseSlot(channel: StateChannel, slot: StateSlot): void {
  slot.isUsed = 1;
  slot.sequence = channel.sequence++;
  channel.used++;
  channelCount(channel, StateCounter.batches, 1);
}

/** Makes the slot of a batch that was acknowledged free and returns it, with its content; null when none waits for that. */
export function channelAcknowledge(channel: StateChannel, header: StateHeader): StateSlot | null {
  if (header.session != channel.session) return null;
  for (let index: u32 = 0; index < <u32>STATE_WINDOW; index++) {
    const slot = slotAt(channel, index);
    if (!slot.isUsed || slot.sequence != header.sequence) continue;
    slot.isUsed = 0;
    channel.used--;
    return slot;
  }
  return null;
}

/** A batch that is sent again says for how long its flows have not been seen by now. */
export function slotGrowOlder(slot: StateSlot, elapsedMs: u32): void {
  const header = changetype<StateHeader>(slot.content);
  for (let index: u32 = 0; index < header.count; index++) stateEntryAt(header, index).idleMs += elapsedMs;
}

/** Notes that a batch told of a flow's end. */
export function channelNoteForgotten(channel: StateChannel, hash: u64, sequence: u32): void {
  const address = forgottenAt(channel, hash);
  if (!channelHasForgotten(channel, hash, sequence)) store<u32>(address, sequence + 1);
}

/** Whether a batch with a later number may have told of a flow's end already: the word came first, and a record of it is out of date. */
export function channelHasForgotten(channel: StateChannel, hash: u64, sequence: u32): bool {
  const noted = load<u32>(forgottenAt(channel, hash));
  return noted != 0 && <i32>(noted - (sequence + 1)) > 0;
}

// @ts-ignore: decorator
@inline
function forgottenAt(channel: StateChannel, hash: u64): usize {
  return channel.forgotten + ((<usize>hash & (STATE_FORGOTTEN_SLOTS - 1)) << 2);
}
