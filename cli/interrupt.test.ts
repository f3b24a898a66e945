import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ExitCode } from '../core/errors.js';
import { catchInterrupts } from './interrupt.js';

function setUp() {
  const source = new EventEmitter();
  const events: string[] = [];
  const clock = { ms: 1000 };
  const interrupt = catchInterrupts({
    source: source as unknown as Pick<NodeJS.Process, 'on' | 'off'>,
    discard: () => events.push('discard'),
    exit: (code) => events.push(`exit ${code}`),
    onFirst: () => events.push('first'),
    nowMs: () => clock.ms,
  });
  return { source, events, clock, interrupt };
}

describe('catchInterrupts', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('the first %s asks for an end', (name) => {
    const { source, events, interrupt } = setUp();
    expect(interrupt.signal.aborted).toBe(false);
    source.emit(name);
    expect(interrupt.signal.aborted).toBe(true);
    expect(events).toEqual(['first']);
  });

  test('the second discards what is half-written and leaves', () => {
    const { source, events, clock } = setUp();
    source.emit('SIGINT');
    clock.ms += 400;
    source.emit('SIGTERM');
    expect(events).toEqual(['first', 'discard', `exit ${ExitCode.interrupted}`]);
  });

  test('an echo of the first is not a second', () => {
    const { source, events, clock } = setUp();
    source.emit('SIGINT');
    clock.ms += 5;
    source.emit('SIGINT');
    expect(events).toEqual(['first']);
  });

  test('released signals are let go', () => {
    const { source, interrupt } = setUp();
    interrupt.release();
    expect(source.eventNames()).toEqual([]);
  });
});
