import { describe, expect, test } from 'vitest';
import { type DataPlaneBuild, loadDataPlane } from './dataplane-module.js';
import { SiriusError } from './errors.js';
import { Testbed } from './testbed.js';

// What a memory of 4 GiB has no room for is a usage error that tells what was asked; it is never a trap, nor a wrapped address.

const GIB = 2 ** 30;

function refusal(layOut: () => unknown): SiriusError | undefined {
  try {
    layOut();
    return undefined;
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
}

describe.each<DataPlaneBuild>(['release', 'debug'])('the arena of the %s build', (build) => {
  test('lays out until the memory is full, and then says what was asked and what is there', () => {
    const { exports } = loadDataPlane({ build });
    expect(refusal(() => exports.arenaAllocate(3 * GIB))).toBeUndefined();
    const error = refusal(() => exports.arenaAllocate(2 * GIB));
    expect(error).toMatchObject({ code: 'memory', exitCode: 2 });
    expect(error?.message).toMatch(/expected at most 4\.00 GiB .*, got 2\.00 GiB more after 3\.00 GiB$/);
    expect(error?.hint).toMatch(/--rate.*--duration.*tcp\.hold.*tcp\.connectionTimeout.*--pcap-packets/);
    const usedBytes = exports.arenaBytes();
    expect(refusal(() => exports.arenaAllocate(1024))).toBeUndefined();
    expect(exports.arenaBytes()).toBeGreaterThan(usedBytes);
  });

  test('never lays out up to the last byte, whose end would be address 0', () => {
    const { exports } = loadDataPlane({ build });
    const start = exports.arenaAllocate(0);
    expect(refusal(() => exports.arenaAllocate(4 * GIB - start))?.code).toBe('memory');
    expect(exports.arenaBytes()).toBe(start);
  });

  test.each([
    // 96 B a slot: 44,739,243 of them are 2^32 + 32 bytes. A packet with room for a frame of 128 B takes 320: 13,421,773 are 2^32 + 64.
    ['a capture', (testbed: Testbed) => testbed.exports.captureCreate(44_739_243, 80), '4.00 GiB'],
    ['packets', (testbed: Testbed) => testbed.exports.poolCreate(13_421_773, 128), '4.00 GiB'],
  ])('%s of more than 32 bits is refused and does not wrap', (_name, layOut, asked) => {
    const testbed = new Testbed(loadDataPlane({ build }), { packetCount: 1, frameBytesMax: 128 });
    expect(refusal(() => layOut(testbed))?.message).toContain(`got ${asked} more`);
  });
});
