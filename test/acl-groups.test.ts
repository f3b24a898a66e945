import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTrial } from './trials.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'acl-groups-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A policy file whose one group denies everything. */
function denyFile(direction: string): string {
  const path = join(folder, `${direction}.yaml`);
  writeFileSync(
    path,
    `schema: sirius-bench.acl/1\ngroups: [{ name: closed, direction: ${direction}, rules: [] }]\n`,
  );
  return path;
}

describe('connections from the virtual machines are outbound', () => {
  test.each(['dash-1ip', 'dash-baby', 'table4'])('%s allows all of them', async (acl) => {
    const { measured } = await runTrial({ rate: '200k', acl });
    expect(measured.packets.dropped.byReason).toEqual({});
    expect(measured.connections.established).toBeGreaterThan(0);
  });

  test('groups for inbound connections do not judge them, nor the packets of their other direction', async () => {
    const { measured } = await runTrial({ rate: '100k', acl: denyFile('inbound') });
    expect(measured.packets.dropped.byReason).toEqual({});
    expect(measured.connections.established).toBeGreaterThan(0);
  });

  test.each(['outbound', 'both'])('a group that is for %s denies them', async (direction) => {
    const { measured } = await runTrial({ rate: '100k', acl: denyFile(direction) });
    expect(measured.packets.dropped.byReason).toEqual({ aclDenied: measured.connections.attempted });
    expect(measured.connections.established).toBe(0);
  });
});
