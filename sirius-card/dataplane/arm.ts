import { arenaAllocate } from '../../core/dataplane/arena';
import { NEVER_PS, Packet, PacketQueue, queueHeadPs, queuePush, queueShift } from '../../core/dataplane/packet';
import { ARM_CORE_COUNT_MAX, ARM_OPERATION_COUNT, ArmOperation } from './card-layout';

/**
 * The ARM cores: each flow belongs to one core, so that no two write one record. A core does one operation at a time; state
 * updates of connections that exist (FINs, replication) go before new ones, so that overload is refused at the door,
 * before work was put into it. Queues are first-in first-out and bounded.
 */
@unmanaged
export class ArmCore {
  /** Packet in hand. */
  packet: usize;
  newFlows: PacketQueue;
  updates: PacketQueue;
}

/** Room for ARM_CORE_COUNT_MAX; what is left of 63 bits for a time in picoseconds is 40 hours. */
const CORE_BITS: i64 = 6;
const CORE_MASK: u32 = 63;

/** A bit for each operation that goes before new flows. */
const UPDATE_OPERATIONS: u32 = (1 << ArmOperation.newFlowSecondary) | (1 << ArmOperation.finPrimary) | (1 << ArmOperation.finSecondary);

@unmanaged
export class ArmComplex {
  coreCount: u32;
  /** When the next core is done. */
  nextDonePs: i64;
  /**
   * A tournament over the cores (Knuth, volume 3, 5.4.1): i64 per node, for the core of its subtree that is done first (the lower one
   * of two that are done at once) when the operation in hand is done, above CORE_BITS of its number; NEVER_PS when all are idle or not
   * there. Node 1 is the root, node n has children 2n and 2n + 1, core c is leaf leafCount + c.
   */
  winners: usize;
  leafCount: u32;
  /** Pointers to ArmCore. */
  cores: usize;
  /** i64 each, by operation. */
  servicePs: usize;
}

export function armCreate(coreCount: u32, newFlowQueueSlots: u32, updateQueueSlots: u32): ArmComplex {
  assert(coreCount > 0 && coreCount <= <u32>ARM_CORE_COUNT_MAX);
  const arm = changetype<ArmComplex>(arenaAllocate(offsetof<ArmComplex>()));
  arm.coreCount = coreCount;
  arm.nextDonePs = NEVER_PS;
  arm.cores = arenaAllocate(4 * coreCount);
  let leafCount: u32 = 1;
  while (leafCount < coreCount) leafCount <<= 1;
  arm.leafCount = leafCount;
  arm.winners = arenaAllocate(16 * leafCount);
  for (let node: u32 = 1; node < 2 * leafCount; node++) store<i64>(arm.winners + (node << 3), NEVER_PS);
  arm.servicePs = arenaAllocate(8 * ARM_OPERATION_COUNT);
  for (let index: u32 = 0; index < coreCount; index++) {
    const core = changetype<ArmCore>(arenaAllocate(offsetof<ArmCore>()));
    core.newFlows = changetype<PacketQueue>(arenaAllocate(offsetof<PacketQueue>()));
    core.newFlows.countMax = newFlowQueueSlots;
    core.updates = changetype<PacketQueue>(arenaAllocate(offsetof<PacketQueue>()));
    core.updates.countMax = updateQueueSlots;
    store<usize>(arm.cores + (index << 2), changetype<usize>(core));
  }
  return arm;
}

// @ts-ignore: decorator
@inline
function coreAt(arm: ArmComplex, index: u32): ArmCore {
  return changetype<ArmCore>(load<usize>(arm.cores + (index << 2)));
}

// @ts-ignore: decorator
@inline
function isIdle(arm: ArmComplex, index: u32): bool {
  return load<i64>(arm.winners + ((arm.leafCount + index) << 3)) == NEVER_PS;
}

/** Notes when a core is done and plays its matches of the tournament again. */
// @ts-ignore: decorator
@inline
function setDone(arm: ArmComplex, core: u32, donePs: i64): void {
  assert(donePs == NEVER_PS || donePs < NEVER_PS >> CORE_BITS);
  let winner = donePs == NEVER_PS ? NEVER_PS : (donePs << CORE_BITS) | core;
  const winners = arm.winners;
  let node = arm.leafCount + core;
  for (; node > 1; node >>= 1) {
    store<i64>(winners + (node << 3), winner);
    const rival = load<i64>(winners + ((node ^ 1) << 3));
    winner = select(rival, winner, rival < winner);
  }
  store<i64>(winners, winner, 8);
  arm.nextDonePs = winner == NEVER_PS ? NEVER_PS : winner >> CORE_BITS;
}

/**
 * Gives a packet to the core of its flow, which it reaches at its `arrivalPs`, no earlier than the packet before it. A slot of
 * the queue is taken from now on. False when that core's queue is full: the packet is still the caller's.
 */
export function armSubmit(arm: ArmComplex, packet: Packet): bool {
  // Bits that the flow table's bucket choice weighs least, so that a core's flows spread over all buckets.
  const index = <u32>(((packet.flowHash & 0xffff) * arm.coreCount) >> 16);
  const core = coreAt(arm, index);
  if (isIdle(arm, index)) {
    // Nothing can arrive at an idle core before this packet does.
    setDone(arm, index, start(arm, core, packet, packet.arrivalPs));
    return true;
  }
  // Copies for other cards wait behind what connections need: they are paced, and come again.
  const isUpdate = (UPDATE_OPERATIONS >> packet.operation) & 1;
  const queue = isUpdate ? core.updates : core.newFlows;
  if (queue.count >= queue.countMax) return false;
  queuePush(queue, packet);
  return true;
}

// @ts-ignore: decorator
@inline
function start(arm: ArmComplex, core: ArmCore, packet: Packet, nowPs: i64): i64 {
  const servicePs = load<i64>(arm.servicePs + (<usize>packet.operation << 3));
  core.packet = changetype<usize>(packet);
  return nowPs + servicePs;
}

/** Starts a core that is free at `nowPs` on its next packet: an update that is there, else a new flow that is there, else whichever comes first. */
// @ts-ignore: decorator
@inline
function startNext(arm: ArmComplex, core: ArmCore, nowPs: i64): i64 {
  const updatePs = queueHeadPs(core.updates);
  const newFlowPs = queueHeadPs(core.newFlows);
  const updateReadyPs = updatePs > nowPs ? updatePs : nowPs;
  const newFlowReadyPs = newFlowPs > nowPs ? newFlowPs : nowPs;
  const isUpdate = updateReadyPs <= newFlowReadyPs;
  const readyPs = isUpdate ? updateReadyPs : newFlowReadyPs;
  if (readyPs == NEVER_PS) return NEVER_PS;
  return start(arm, core, queueShift(isUpdate ? core.updates : core.newFlows), readyPs);
}

/** Takes the packet that is done at `nextDonePs` and starts the core on its next one. */
// @ts-ignore: decorator
@inline
export function armFinish(arm: ArmComplex): Packet {
  const finished = <u32>load<i64>(arm.winners, 8) & CORE_MASK;
  const core = coreAt(arm, finished);
  const packet = changetype<Packet>(core.packet);
  setDone(arm, finished, startNext(arm, core, arm.nextDonePs));
  return packet;
}

/** Takes a packet that a core has in hand or in a queue, and with the last one leaves all cores idle; 0 when there is none. */
export function armLose(arm: ArmComplex): usize {
  for (let index: u32 = 0; index < arm.coreCount; index++) {
    const core = coreAt(arm, index);
    if (core.updates.count > 0) return changetype<usize>(queueShift(core.updates));
    if (core.newFlows.count > 0) return changetype<usize>(queueShift(core.newFlows));
    if (isIdle(arm, index)) continue;
    setDone(arm, index, NEVER_PS);
    return core.packet;
  }
  return 0;
}
