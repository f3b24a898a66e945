import { arenaAllocate } from '../../core/dataplane/arena';
import { TimerList, TimerNode, timerCancel } from './timers';

/** Of one slot: 2^24 ps = 16.8 us, and 4096 of them make a turn of 69 ms. */
const SLOT_BITS: i64 = 24;
const SLOT_COUNT: i64 = 4096;

/** Timers with any deadlines, a wheel of slots whose lists are in order of deadline: few, since most timers never get this far. */
@unmanaged
export class LateTimers {
  slots: usize;
  count: u32;
  /** No deadline is before it. */
  duePs: i64;
}

export function lateTimersCreate(): LateTimers {
  const late = changetype<LateTimers>(arenaAllocate(offsetof<LateTimers>()));
  late.slots = arenaAllocate(<usize>SLOT_COUNT * offsetof<TimerList>());
  late.duePs = i64.MAX_VALUE;
  return late;
}

export function lateInsert(late: LateTimers, node: TimerNode): void {
  const list = slotOf(late, node.deadlinePs >> SLOT_BITS);
  let before = list.tail;
  while (before != 0 && changetype<TimerNode>(before).deadlinePs > node.deadlinePs) before = changetype<TimerNode>(before).previous;
  const after = before == 0 ? list.head : changetype<TimerNode>(before).next;
  node.previous = before;
  node.next = after;
  if (before == 0) list.head = changetype<usize>(node);
  else changetype<TimerNode>(before).next = changetype<usize>(node);
  if (after == 0) list.tail = changetype<usize>(node);
  else changetype<TimerNode>(after).previous = changetype<usize>(node);
  if (late.count++ == 0 || node.deadlinePs < late.duePs) late.duePs = node.deadlinePs;
}

export function lateCancel(late: LateTimers, node: TimerNode): void {
  timerCancel(slotOf(late, node.deadlinePs >> SLOT_BITS), node);
  late.count--;
}

/** The first timer of those that are due, still in its place; null when none is, and then `duePs` is exact. */
export function lateFirst(late: LateTimers, nowPs: i64): TimerNode | null {
  if (late.count == 0) late.duePs = i64.MAX_VALUE;
  if (nowPs < late.duePs) return null;
  const node = earliest(late);
  late.duePs = node.deadlinePs;
  return node.deadlinePs <= nowPs ? node : null;
}

function earliest(late: LateTimers): TimerNode {
  const first = late.duePs >> SLOT_BITS;
  let found: usize = 0;
  for (let number = first; number < first + SLOT_COUNT; number++) {
    const head = slotOf(late, number).head;
    if (head == 0) continue;
    const deadlinePs = changetype<TimerNode>(head).deadlinePs;
    if (deadlinePs >> SLOT_BITS == number) return changetype<TimerNode>(head);
    // Of a later turn.
    if (found == 0 || deadlinePs < changetype<TimerNode>(found).deadlinePs) found = head;
  }
  assert(found != 0);
  return changetype<TimerNode>(found);
}

// @ts-ignore: decorator
@inline
function slotOf(late: LateTimers, number: i64): TimerList {
  return changetype<TimerList>(late.slots + <usize>(number & (SLOT_COUNT - 1)) * offsetof<TimerList>());
}
