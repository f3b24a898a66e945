import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parseIpv4, parseIpv6 } from './address.js';
import { SiriusError } from './errors.js';
import { buildTunnelFrame, type TunnelFrame } from './packet/frame.js';
import { TcpFlag } from './packet/tcp.js';
import { PcapngWriter } from './pcapng.js';

const root = mkdtempSync(join(tmpdir(), 'sirius-pcapng-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'test-'));
  path = join(folder, 'capture.pcapng');
});

interface Block {
  type: number;
  body: Buffer;
}

/** The blocks of a file, by the book: type, length, body, the same length again. */
function readBlocks(bytes: Buffer): Block[] {
  const blocks: Block[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 4);
    expect(length % 4).toBe(0);
    expect(bytes.readUInt32LE(offset + length - 4)).toBe(length);
    blocks.push({ type: bytes.readUInt32LE(offset), body: bytes.subarray(offset + 8, offset + length - 4) });
    offset += length;
  }
  return blocks;
}

function readOptions(bytes: Buffer): [code: number, value: Buffer][] {
  const options: [number, Buffer][] = [];
  let offset = 0;
  while (bytes.readUInt16LE(offset) !== 0) {
    const length = bytes.readUInt16LE(offset + 2);
    options.push([bytes.readUInt16LE(offset), bytes.subarray(offset + 4, offset + 4 + length)]);
    offset += 4 + ((length + 3) & ~3);
  }
  expect(offset + 4).toBe(bytes.length);
  return options;
}

describe('the bytes', () => {
  test('section, interfaces and packets', () => {
    const writer = new PcapngWriter(path);
    expect(writer.addInterface('generator')).toBe(0);
    expect(writer.addInterface('card 1')).toBe(1);
    writer.writePacket({
      interfaceId: 1,
      timestampNs: 0x1_2345_6789n,
      bytes: Uint8Array.of(1, 2, 3, 4, 5),
      originalLength: 9,
      direction: 'outbound',
      comment: 'the SYN',
    });
    expect(writer.packetCount).toBe(1);
    writer.close();

    const blocks = readBlocks(readFileSync(path));
    expect(blocks).toHaveLength(4);
    const [section, first, second, packet] = blocks as [Block, Block, Block, Block];
    expect(section.type).toBe(0x0a0d0d0a);
    expect(section.body.subarray(0, 16).toString('hex')).toBe('4d3c2b1a01000000ffffffffffffffff');
    expect([first.type, second.type, packet.type]).toEqual([1, 1, 6]);
    expect(first.body.readUInt16LE(0)).toBe(1);
    expect(
      readOptions(second.body.subarray(8)).map(([code, value]) => [code, value.toString('latin1')]),
    ).toEqual([
      [2, 'card 1'],
      [9, '\t'],
    ]);
    const fields = [0, 4, 8, 12, 16].map((offset) => packet.body.readUInt32LE(offset));
    expect(fields).toEqual([1, 1, 0x23456789, 5, 9]);
    expect(packet.body.subarray(20, 28).toString('hex')).toBe('0102030405000000');
    expect(
      readOptions(packet.body.subarray(28)).map(([code, value]) => [code, value.toString('latin1')]),
    ).toEqual([
      [2, '\x02\0\0\0'],
      [1, 'the SYN'],
    ]);
  });

  test('the size of the buffer changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 500 }),
        (frames, bufferBytes) => {
          const [small, large] = [bufferBytes, 1 << 20].map((size) => {
            const writer = new PcapngWriter(path, { bufferBytes: size });
            const interfaceId = writer.addInterface('a');
            for (const bytes of frames) writer.writePacket({ interfaceId, timestampNs: 1n, bytes });
            writer.close();
            return readFileSync(path);
          }) as [Buffer, Buffer];
          expect(small.equals(large)).toBe(true);
          const packets = readBlocks(small).filter(({ type }) => type === 6);
          expect(packets.map(({ body }) => body.subarray(20, 20 + body.readUInt32LE(12)))).toEqual(
            frames.map((frame) => Buffer.from(frame)),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the file', () => {
  test('has its name only when it is whole', () => {
    const writer = new PcapngWriter(path);
    expect(readdirSync(folder)).toEqual(['capture.pcapng.part']);
    writer.close();
    expect(readdirSync(folder)).toEqual(['capture.pcapng']);
    writer.abort();
    expect(readdirSync(folder)).toEqual(['capture.pcapng']);
  });

  test('abort leaves what was there before', () => {
    writeFileSync(path, 'the one before');
    const writer = new PcapngWriter(path);
    writer.addInterface('a');
    writer.abort();
    writer.abort();
    expect(readdirSync(folder)).toEqual(['capture.pcapng']);
    expect(readFileSync(path, 'utf8')).toBe('the one before');
  });

  test('after the end nothing more is taken', () => {
    const writer = new PcapngWriter(path);
    writer.close();
    expect(() => writer.close()).toThrow('closed');
    expect(() =>
      new PcapngWriter(path).writePacket({ interfaceId: 0, timestampNs: 0n, bytes: new Uint8Array(1) }),
    ).toThrow('call addInterface first');
  });

  test.each([
    ['none/capture.pcapng', 'no such folder'],
    ['file/capture.pcapng', 'a file in the place of a folder'],
    ['folder', 'a folder'],
  ])('%s cannot be written', (name, got) => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    const before = readdirSync(folder);
    const error = errorOf(() => new PcapngWriter(join(folder, name)));
    expect(error.message).toBe(
      `${join(folder, name)}: expected a capture file that can be written, got ${got}`,
    );
    expect(error).toMatchObject({ code: 'capture-unwritable', exitCode: 1 });
    expect(error.hint).not.toBe('');
    expect(readdirSync(folder)).toEqual(before);
  });

  test.skipIf(!existsSync('/dev/full'))('a device is not replaced by a capture', () => {
    expect(errorOf(() => new PcapngWriter('/dev/full')).message).toContain('a device or a pipe');
  });

  test('a folder that takes the name meanwhile is an error, and no part stays behind', () => {
    const writer = new PcapngWriter(path);
    mkdirSync(path);
    expect(errorOf(() => writer.close()).exitCode).toBe(1);
    expect(readdirSync(folder)).toEqual(['capture.pcapng']);
  });
});

const tshark = spawnSync('tshark', ['-v']).status === 0;
const toolsRequired = process.env.SIRIUS_REQUIRE_TOOLS === '1';

describe('tshark reads it', () => {
  const BAD =
    '_ws.malformed || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || udp.checksum.status == "Bad" || icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad"';

  function run(...args: string[]): string[] {
    const checks = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
    const { status, stdout, stderr } = spawnSync('tshark', ['-n', '-r', path, ...checks, ...args], {
      encoding: 'utf8',
    });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    return stdout.split('\n').filter((line) => line !== '');
  }

  function frames(): Uint8Array[] {
    const ends = [
      { source: parseIpv4('10.0.0.1'), destination: parseIpv4('10.1.0.1') },
      { source: parseIpv6('fd00::1'), destination: parseIpv6('fd00::2') },
    ];
    const transports: TunnelFrame['inner']['transport'][] = [
      {
        kind: 'tcp',
        sourcePort: 1024,
        destinationPort: 80,
        sequence: 1,
        acknowledgement: 0,
        flags: TcpFlag.syn,
      },
      { kind: 'udp', sourcePort: 1024, destinationPort: 9 },
    ];
    const outer = { source: parseIpv4('192.0.2.1'), destination: parseIpv4('192.0.2.2') };
    return ends.flatMap((ends, i) =>
      [...transports, { kind: 'icmp' as const, type: i === 0 ? 8 : 128, identifier: 1, sequence: 1 }].flatMap(
        (transport) =>
          (['vxlan', 'nvgre'] as const).flatMap((encapsulation) =>
            [[], [100]].map((vlanIds) =>
              buildTunnelFrame({
                outer: { ...outer, vlanIds },
                encapsulation,
                vni: 5001,
                inner: { ...ends, transport, payload: Uint8Array.of(1, 2, 3), frameBytes: 100 },
              }),
            ),
          ),
      ),
    );
  }

  test.skipIf(!tshark && !toolsRequired)(
    'every frame without a malformed or bad checksum mark (needs tshark)',
    () => {
      const good = frames();
      const writer = new PcapngWriter(path);
      for (const name of ['generator', 'card 1']) writer.addInterface(name);
      for (const [i, bytes] of good.entries()) {
        writer.writePacket({
          interfaceId: i % 2,
          timestampNs: BigInt(i) * 1001n,
          bytes,
          direction: 'inbound',
          comment: `number ${i}`,
        });
      }
      const broken = frames()[0]?.slice() ?? new Uint8Array(0);
      broken[100] = ~(broken[100] ?? 0);
      writer.writePacket({ interfaceId: 0, timestampNs: 10n ** 18n + 1n, bytes: broken });
      writer.close();

      const all = run(
        '-T',
        'fields',
        ...['frame.interface_name', 'frame.time_epoch', 'frame.comment', 'vxlan.vni', 'gre.key'].flatMap(
          (field) => ['-e', field],
        ),
      );
      expect(all).toHaveLength(good.length + 1);
      expect(all[1]).toBe('card 1\t0.000001001\tnumber 1\t5001\t');
      // NVGRE's key is the VSID and, in its low byte, the flow identifier.
      expect(all[2]).toBe(
        `generator\t0.000002002\tnumber 2\t\t0x${(5001 * 256).toString(16).padStart(8, '0')}`,
      );
      expect(all.at(-1)).toBe('generator\t1000000000.000000001\t\t5001\t');
      // The frame that was broken is the only one: so the filter sees what it should.
      expect(run('-Y', BAD, '-T', 'fields', '-e', 'frame.number')).toEqual([`${good.length + 1}`]);
      expect(run('-Y', 'tcp || udp.dstport == 9 || icmp || icmpv6')).toHaveLength(good.length + 1);
    },
  );
});

function errorOf(action: () => unknown): SiriusError {
  try {
    action();
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
  return expect.fail('expected an error');
}
