import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { packagePath } from './package-path.js';
import { buildTunnelFrame, describeFrame, type FrameDescription, type TunnelFrame } from './packet/frame.js';
import { emitIcmpEcho, updateIcmpChecksum } from './packet/icmp.js';
import { emitIpv6, parseIpv6 } from './packet/ipv6.js';
import { emitVlan, parseVlan } from './packet/vlan.js';

/** A module of its own around the headers of the data plane, which inlines them everywhere else. */
const PROBE = `
import { DropReason } from './core/dataplane/contract';
import { Icmp } from './core/dataplane/icmp';
import { Ipv6 } from './core/dataplane/ipv6';
import { headers, parseTunnel } from './core/dataplane/tunnel';
import { Vlan } from './core/dataplane/vlan';

export function vlanEmit(tag: usize, id: u32, priority: u32, type: u32): void { Vlan.emit(tag, id, priority, type); }
export function vlanSetId(tag: usize, id: u32): void { Vlan.setId(tag, id); }
export function vlanField(tag: usize, field: u32): u32 {
  if (field == 0) return Vlan.id(tag);
  if (field == 1) return Vlan.priority(tag);
  if (field == 2) return Vlan.dropEligible(tag);
  return Vlan.type(tag);
}
export function ipv6Emit(header: usize, nextHeader: u32, payloadBytes: u32, hopLimit: u32, sourceHigh: u64, sourceLow: u64,
  destinationHigh: u64, destinationLow: u64): void {
  Ipv6.emit(header, nextHeader, payloadBytes, hopLimit);
  Ipv6.setSource(header, sourceHigh, sourceLow);
  Ipv6.setDestination(header, destinationHigh, destinationLow);
}
export function ipv6Field(header: usize, field: u32): u32 {
  if (field == 0) return Ipv6.trafficClass(header);
  if (field == 1) return Ipv6.flowLabel(header);
  if (field == 2) return Ipv6.payloadBytes(header);
  if (field == 3) return Ipv6.nextHeader(header);
  if (field == 4) return Ipv6.hopLimit(header);
  return Ipv6.version(header);
}
export function ipv6Address(header: usize, field: u32): u64 {
  if (field == 0) return Ipv6.sourceHigh(header);
  if (field == 1) return Ipv6.sourceLow(header);
  if (field == 2) return Ipv6.destinationHigh(header);
  return Ipv6.destinationLow(header);
}
export function icmpEmit(header: usize, type: u32, identifier: u32, sequence: u32, bytes: u32, ipv6Header: usize): void {
  Icmp.emit(header, type, identifier, sequence);
  Icmp.updateChecksum(header, bytes, ipv6Header == 0 ? 0 : Ipv6.pseudoHeaderSum(ipv6Header, 58, bytes));
}
export function icmpField(header: usize, field: u32): u32 {
  if (field == 0) return Icmp.type(header);
  if (field == 1) return Icmp.code(header);
  if (field == 2) return Icmp.identifier(header);
  return Icmp.sequence(header);
}
export function icmpIsGood(header: usize, bytes: u32): bool { return Icmp.checksumIsGood(header, bytes, 0); }
export function tunnelParse(frame: usize, bytes: u32): u32 { return parseTunnel(frame, bytes); }
export function tunnelField(field: u32): u32 {
  if (field == 0) return headers.outerSource;
  if (field == 1) return headers.outerDestination;
  if (field == 2) return headers.vni;
  if (field == 3) return headers.innerFrameBytes;
  if (field == 4) return headers.source;
  if (field == 5) return headers.destination;
  if (field == 6) return headers.protocol;
  if (field == 7) return headers.sourcePort;
  if (field == 8) return headers.destinationPort;
  if (field == 9) return headers.segmentBytes;
  return headers.tcpFlags;
}
`;

type Numeric = number | bigint;
let probe: Record<string, (...parameters: Numeric[]) => Numeric>;
let memory: Uint8Array;

/** Far above the probe's own data. */
const AT = 4096;

beforeAll(async () => {
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const root = packagePath();
  const { error, stderr } = await asc.main(
    [
      'probe.ts',
      '--outFile',
      'probe.wasm',
      '--runtime',
      'stub',
      '-O1',
      '--enable',
      'simd',
      '--config',
      'none.json',
    ],
    {
      readFile: (name) => (name === 'probe.ts' ? PROBE : readText(join(root, name))),
      writeFile: (name, contents) => {
        if (name === 'probe.wasm') wasm = Uint8Array.from(contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  expect(error === null ? '' : `${error}\n${stderr.toString()}`).toBe('');
  const { instance } = await WebAssembly.instantiate(wasm ?? new Uint8Array(0), {
    env: { abort: () => expect.fail('trap') },
  });
  probe = instance.exports as unknown as typeof probe;
  memory = new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer);
});

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const call = (name: string, ...parameters: Numeric[]): Numeric => {
  const result = (probe[name] ?? expect.fail(name))(...parameters);
  return typeof result === 'bigint' ? BigInt.asUintN(64, result) : result >>> 0;
};
const fields = (name: string, count: number) => Array.from({ length: count }, (_, i) => call(name, AT, i));
const lying = (bytes: number) => memory.slice(AT, AT + bytes);

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

describe('vlan', () => {
  test('writes what the control plane writes, and reads any tag as it does', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 4095 }),
        fc.nat({ max: 7 }),
        u16,
        fc.nat({ max: 4095 }),
        (id, priority, etherType, other) => {
          const expected = new Uint8Array(4);
          emitVlan(expected, 0, { id, priority, etherType });
          call('vlanEmit', AT, id, priority, etherType);
          expect(lying(4)).toEqual(expected);
          call('vlanSetId', AT, other);
          expect(fields('vlanField', 4)).toEqual([other, priority, 0, etherType]);
        },
      ),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        memory.set(bytes, AT);
        const tag = parseVlan(bytes, 0) ?? expect.fail('the tag is whole');
        expect(fields('vlanField', 4)).toEqual([
          tag.id,
          tag.priority,
          tag.dropEligible ? 1 : 0,
          tag.etherType,
        ]);
      }),
    );
  });
});

describe('ipv6', () => {
  const halves = (address: bigint) => [address >> 64n, BigInt.asUintN(64, address)] as const;

  test('writes what the control plane writes', () => {
    fc.assert(
      fc.property(u8, u16, u8, u128, u128, (nextHeader, payloadBytes, hopLimit, source, destination) => {
        const expected = new Uint8Array(40);
        emitIpv6(expected, 0, { nextHeader, payloadBytes, hopLimit, source, destination });
        memory.fill(0xaa, AT, AT + 40);
        call('ipv6Emit', AT, nextHeader, payloadBytes, hopLimit, ...halves(source), ...halves(destination));
        expect(lying(40)).toEqual(expected);
      }),
    );
  });

  test('reads any header as it does', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 40, maxLength: 40 }),
        u8,
        fc.nat({ max: 15 }),
        (bytes, flow, payloadBytes) => {
          bytes.set([0x60 | (flow & 15)]);
          bytes.set([0, payloadBytes], 4);
          memory.set(bytes, AT);
          const ip =
            parseIpv6(new Uint8Array([...bytes, ...new Uint8Array(15)]), 0) ??
            expect.fail('the header is whole');
          expect(fields('ipv6Field', 6)).toEqual([
            ip.trafficClass,
            ip.flowLabel,
            ip.payloadBytes,
            ip.nextHeader,
            ip.hopLimit,
            6,
          ]);
          expect(fields('ipv6Address', 4)).toEqual([...halves(ip.source), ...halves(ip.destination)]);
        },
      ),
    );
  });
});

describe('icmp', () => {
  test('writes echo messages with the checksum of the control plane, over IPv4 and over IPv6', () => {
    const message = fc.record({ type: u8, identifier: u16, sequence: u16 });
    fc.assert(
      fc.property(
        message,
        fc.uint8Array({ maxLength: 40 }),
        u128,
        u128,
        fc.boolean(),
        (echo, payload, source, destination, v6) => {
          const bytes = 8 + payload.length;
          const expected = new Uint8Array(40 + bytes);
          if (v6) emitIpv6(expected, 0, { source, destination, nextHeader: 58, payloadBytes: bytes });
          emitIcmpEcho(expected, 40, echo);
          expected.set(payload, 48);
          const ends = v6 ? { source, destination } : { source: 0, destination: 0 };
          updateIcmpChecksum(expected, 40, { end: expected.length, ...ends });
          memory.set(expected.subarray(0, 40), AT + 1000);
          memory.set(payload, AT + 8);
          call('icmpEmit', AT, echo.type, echo.identifier, echo.sequence, bytes, v6 ? AT + 1000 : 0);
          expect(lying(bytes)).toEqual(expected.slice(40));
          expect(fields('icmpField', 4)).toEqual([echo.type, 0, echo.identifier, echo.sequence]);
          if (v6) return;
          expect(call('icmpIsGood', AT, bytes)).toBe(1);
          memory[AT + bytes - 1] = (memory[AT + bytes - 1] ?? 0) ^ 4;
          expect(call('icmpIsGood', AT, bytes)).toBe(0);
        },
      ),
    );
  });
});

describe('tunnel', () => {
  const transport: fc.Arbitrary<TunnelFrame['inner']['transport']> = fc.oneof(
    fc.record({
      kind: fc.constant('tcp' as const),
      sourcePort: u16,
      destinationPort: u16,
      sequence: u32,
      acknowledgement: u32,
      flags: u8,
      options: fc.constantFrom(new Uint8Array(0), new Uint8Array(12)),
    }),
    fc.record({ kind: fc.constant('udp' as const), sourcePort: u16, destinationPort: u16 }),
  );
  const frame = fc.record({
    outer: fc.record({ source: u32, destination: u32, vlanIds: fc.constantFrom([], [1], [1, 2]) }),
    encapsulation: fc.constantFrom('vxlan' as const, 'nvgre' as const),
    vni: fc.nat({ max: 0xffffff }),
    inner: fc.record({ source: u32, destination: u32, transport, frameBytes: fc.constantFrom(0, 64, 100) }),
  });

  const parse = (bytes: Uint8Array) => {
    memory.set(bytes, AT);
    return call('tunnelParse', AT, bytes.length);
  };
  const parsed = () => Array.from({ length: 11 }, (_, i) => call('tunnelField', i));

  /** What the data plane should have read, from the oracle's tree; undefined where it should have refused. */
  function expectedFields(bytes: Uint8Array): number[] | undefined {
    const outer = ipv4Of(describeFrame(bytes));
    const tunnel = outer?.payload.kind === 'udp' ? outer.payload.payload : outer?.payload;
    if (outer === undefined || (tunnel?.kind !== 'vxlan' && tunnel?.kind !== 'nvgre')) return undefined;
    const inner = ipv4Of(tunnel.inner);
    const segment = inner?.payload;
    if (inner === undefined || (segment?.kind !== 'tcp' && segment?.kind !== 'udp')) return undefined;
    return [
      outer.source,
      outer.destination,
      tunnel.kind === 'vxlan' ? tunnel.vni : tunnel.vsid,
      (tunnel.inner as FrameDescription).frameBytes,
      inner.source,
      inner.destination,
      inner.protocol,
      segment.sourcePort,
      segment.destinationPort,
      inner.totalBytes - inner.headerBytes,
      segment.kind === 'tcp' ? segment.flags : 0,
    ];
  }

  function ipv4Of(frame: ReturnType<typeof describeFrame>) {
    if (frame.kind === 'malformed' || frame.payload.kind !== 'ipv4') return undefined;
    const ip = frame.payload;
    return ip.checksumIsGood && !ip.isFragment ? ip : undefined;
  }

  /** The data plane goes by the lengths of IP and does not look at UDP's own; the oracle does. */
  function udpLengthPlaces({ outer, encapsulation, inner }: TunnelFrame): number[] {
    const outerUdp = 14 + 4 * (outer.vlanIds?.length ?? 0) + 20;
    const innerUdp = outerUdp + (encapsulation === 'vxlan' ? 16 : 8) + 14 + 20;
    const headers = [
      ...(encapsulation === 'vxlan' ? [outerUdp] : []),
      ...(inner.transport.kind === 'udp' ? [innerUdp] : []),
    ];
    return headers.flatMap((header) => [header + 4, header + 5]);
  }

  test('a good frame is read as the oracle reads it', () => {
    fc.assert(
      fc.property(frame, (wanted) => {
        const bytes = buildTunnelFrame(wanted);
        expect(parse(bytes)).toBe(0);
        expect(parsed()).toEqual(expectedFields(bytes));
      }),
    );
  });

  test('a cut or damaged frame is taken exactly when the oracle takes it', () => {
    fc.assert(
      fc.property(frame, fc.nat(), u8, fc.option(fc.nat()), (wanted, place, value, cut) => {
        const whole = buildTunnelFrame(wanted);
        const bytes = whole.slice(0, cut === null ? whole.length : cut % (whole.length + 1));
        fc.pre(!udpLengthPlaces(wanted).includes(place % bytes.length));
        if (bytes.length > 0) bytes[place % bytes.length] = value;
        const expected = expectedFields(bytes);
        const verdict = parse(bytes);
        expect([verdict === 0, verdict === 0 ? parsed() : undefined]).toEqual([
          expected !== undefined,
          expected,
        ]);
      }),
      { numRuns: 3000 },
    );
  });
});
