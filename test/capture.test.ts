import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runTrial } from './trials.js';

// tshark is the judge of what the generator and the cards put on the wire.

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const mustRun = process.env.SIRIUS_REQUIRE_TOOLS === '1';
const folder = mkdtempSync(join(tmpdir(), 'sirius-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CHECKSUMS = [
  '-o',
  'ip.check_checksum:TRUE',
  '-o',
  'tcp.check_checksum:TRUE',
  '-o',
  'udp.check_checksum:TRUE',
];

function tshark(file: string, ...words: string[]): string[] {
  const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, ...CHECKSUMS, ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(status, stderr).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

const CASES = [
  { name: 'vxlan', flags: {}, layer: 'vxlan' },
  { name: 'nvgre', flags: { profile: 'cps-nvgre' }, layer: 'gre' },
  { name: '1500 B', flags: { tunable: ['innerFrameBytes=1500'] }, layer: 'vxlan' },
];

describe.skipIf(!hasTshark && !mustRun)('captures (skipped without tshark)', () => {
  test.each(CASES)(
    '$name: every frame decodes, with good checksums, and every stream begins as TCP does',
    async ({ name, flags, layer }) => {
      const path = join(folder, `${name}.pcapng`);
      const { measured } = await runTrial({
        rate: '100k',
        duration: '5ms',
        pcap: path,
        'pcap-packets': '2000',
        ...flags,
      });
      expect(measured.connections.completed).toBeGreaterThan(400);

      const protocols = tshark(path, '-T', 'fields', '-e', 'frame.protocols');
      expect(protocols).toHaveLength(2000);
      for (const line of protocols)
        expect(line).toMatch(new RegExp(`^eth:ethertype:ip:.*${layer}:eth:ethertype:ip:tcp$`));

      expect(
        tshark(
          path,
          '-Y',
          '_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0',
        ),
      ).toEqual([]);
      // Both IP headers of every frame were checked and found good.
      expect(tshark(path, '-Y', 'ip.checksum.status == 1 && tcp.checksum.status == 1')).toHaveLength(2000);

      const streams = new Map<string, string[]>();
      for (const line of tshark(
        path,
        '-T',
        'fields',
        '-e',
        'tcp.stream',
        '-e',
        'tcp.flags',
        '-e',
        'frame.interface_name',
      )) {
        const [stream = '', tcpFlags = '', tap = ''] = line.split('\t');
        if (tap.endsWith('-out')) streams.set(stream, [...(streams.get(stream) ?? []), tcpFlags]);
      }
      const whole = [...streams.values()].filter((seen) => seen.length === 6);
      expect(whole.length).toBeGreaterThan(50);
      // SYN, SYN-ACK, ACK, FIN, FIN-ACK, ACK.
      for (const seen of whole)
        expect(seen).toEqual(['0x0002', '0x0012', '0x0010', '0x0011', '0x0011', '0x0010']);
    },
  );

  test('a SYN-ACK comes in when the client has it: times are those of the result', async () => {
    const path = join(folder, 'times.pcapng');
    const flags = { rate: '100k', duration: '5ms', pcap: path, 'pcap-packets': '2000' };
    const { latencyNs } = (await runTrial(flags)).measured;
    const fields = [
      '-e',
      'tcp.stream',
      '-e',
      'frame.time_epoch',
      '-e',
      'tcp.flags',
      '-e',
      'frame.interface_name',
    ];
    const sent = new Map<string, bigint>();
    const waitsNs: number[] = [];
    for (const line of tshark(path, '-T', 'fields', ...fields)) {
      const [stream = '', time = '', tcpFlags = '', tap = ''] = line.split('\t');
      const atNs = BigInt(time.replace('.', ''));
      if (tcpFlags === '0x0002' && tap.endsWith('-out') && !sent.has(stream)) sent.set(stream, atNs);
      const synNs = sent.get(stream);
      if (tcpFlags === '0x0012' && tap.endsWith('-in') && synNs !== undefined)
        waitsNs.push(Number(atNs - synNs));
    }
    expect(waitsNs.length).toBeGreaterThan(100);
    // The capture's times are whole nanoseconds, rounded down.
    expect(Math.min(...waitsNs)).toBeGreaterThanOrEqual(latencyNs.synToSynAck.min - 1);
    expect(Math.max(...waitsNs)).toBeLessThanOrEqual(latencyNs.synToSynAck.max + 1);
  });
});
