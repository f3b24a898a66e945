import { arenaAllocateItems } from '../../core/dataplane/arena';
import { NEVER_PS } from '../../core/dataplane/packet';
import { Connection } from './connection';

/**
 * What one side's ends still think about, a ring in order of time: all of a side think equally long. The packet is built when it leaves; in
 * some 20 ms at 3M connections per second, a packet's memory would fall out of every cache.
 */
@unmanaged
export class AnswerQueue {
  base: usize;
  capacity: u32;
  head: u32;
  count: u32;
}

/** 16 bytes. */
@unmanaged
export class Answer {
  duePs: i64;
  connection: usize;
  flags: u16;
  /** See `sendClient`. */
  offset: u8;
  /** Of the connection: it may end meanwhile, and its record be another's. */
  generation: u8;
}

/** Call before the run. */
export function answersLayOut(queue: AnswerQueue, capacity: u32): void {
  queue.base = arenaAllocateItems(capacity, offsetof<Answer>());
  queue.capacity = capacity;
}

/** When the first answer is due; `NEVER_PS` when there is none. */
// @ts-ignore: decorator
@inline
export function answersHeadPs(queue: AnswerQueue): i64 {
  return queue.count == 0 ? NEVER_PS : answerAt(queue, queue.head).duePs;
}

/** False when there is no room. */
export function answersPush(queue: AnswerQueue, connection: Connection, flags: u32, offset: u32, duePs: i64): bool {
  if (queue.count == queue.capacity) return false;
  let index = queue.head + queue.count;
  if (index >= queue.capacity) index -= queue.capacity;
  const answer = answerAt(queue, index);
  answer.duePs = duePs;
  answer.connection = changetype<usize>(connection);
  answer.flags = <u16>flags;
  answer.offset = <u8>offset;
  answer.generation = connection.generation;
  queue.count++;
  return true;
}

/** The first answer, which stays as it is until the next push. */
export function answersShift(queue: AnswerQueue): Answer {
  const answer = answerAt(queue, queue.head);
  queue.head = queue.head + 1 == queue.capacity ? 0 : queue.head + 1;
  queue.count--;
  return answer;
}

/** Loads the connections of all answers due before `untilPs`: after some 20 ms they are in no cache, and these loads wait for memory side by side (0022). */
// @ts-ignore: decorator
@inline
export function answersTouch(queue: AnswerQueue, untilPs: i64): void {
  let index = queue.head;
  for (let count = queue.count; count != 0; count--) {
    const answer = answerAt(queue, index);
    if (answer.duePs >= untilPs) return;
    load<u8>(answer.connection);
    if (++index == queue.capacity) index = 0;
  }
}

/** The connection that the answer is of; null when that has ended. */
// @ts-ignore: decorator
@inline
export function answerConnection(answer: Answer): Connection | null {
  const connection = changetype<Connection>(answer.connection);
  return connection.generation == answer.generation ? connection : null;
}

// @ts-ignore: decorator
@inline
function answerAt(queue: AnswerQueue, index: u32): Answer {
  return changetype<Answer>(queue.base + <usize>index * offsetof<Answer>());
}
