/**
 * Timers that all wait equally long: a doubly linked list in order of arming is in order of deadline too, so arming, cancelling
 * and finding the next are O(1). Back-off has a list per step.
 */
@unmanaged
export class TimerList {
  head: usize;
  tail: usize;
  delayPs: i64;
  /** How finely a host tells the time of such timers: they go off up to this much late. 0 for exact ones. */
  granularityPs: i64;
}

/** Lies inside whatever is timed. */
@unmanaged
export class TimerNode {
  deadlinePs: i64;
  next: usize;
  previous: usize;
}

export function timerArm(list: TimerList, node: TimerNode, nowPs: i64): i64 {
  node.deadlinePs = nowPs + list.delayPs;
  node.next = 0;
  node.previous = list.tail;
  if (list.tail == 0) list.head = changetype<usize>(node);
  else changetype<TimerNode>(list.tail).next = changetype<usize>(node);
  list.tail = changetype<usize>(node);
  return node.deadlinePs;
}

export function timerCancel(list: TimerList, node: TimerNode): void {
  if (node.previous == 0) list.head = node.next;
  else changetype<TimerNode>(node.previous).next = node.next;
  if (node.next == 0) list.tail = node.previous;
  else changetype<TimerNode>(node.next).previous = node.previous;
}
