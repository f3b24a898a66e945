import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { checkAddressCapacity } from './address-capacity.js';
import type { TrafficProfile } from './profile.js';

interface Shape {
  addressCount?: number;
  portCount?: number;
  fnicCount?: number;
  connectionTimeoutNs?: number;
  serverAddressCount?: number;
  serverPortCount?: number;
}

function profile(shape: Shape = {}): TrafficProfile {
  const { addressCount = 16_384, portCount = 64_512, fnicCount = 16, connectionTimeoutNs = 5e9 } = shape;
  return {
    name: 'test',
    description: '',
    rateCps: 3e6,
    arrivals: 'constant',
    encapsulation: 'vxlan',
    innerFrameBytes: 64,
    fnicCount,
    firstVni: 1,
    clients: { firstAddress: 0x0a000000, addressCount, firstPort: 1024, portCount, order: 'sequential' },
    servers: {
      firstAddress: 0xac100000,
      addressCount: shape.serverAddressCount ?? 1,
      firstPort: 1,
      portCount: shape.serverPortCount ?? 1,
      order: 'sequential',
    },
    tcp: {
      synTimeoutNs: 1e9,
      finTimeoutNs: 2e8,
      maxRetransmissions: 4,
      connectionTimeoutNs,
      holdNs: 0,
      serverTurnaroundNs: 0,
      clientTurnaroundNs: 0,
      timerTickNs: 0,
      finBeforeAck: 'accept',
    },
    origins: { 'clients.addresses': 'mine.yaml:7' },
  };
}

function errorOf(shape: Shape, rateCps: number, lingerNs = 1e9): SiriusError | undefined {
  try {
    checkAddressCapacity(profile(shape), { rateCps, lingerNs });
    return undefined;
  } catch (error) {
    if (error instanceof SiriusError) return error;
    throw error;
  }
}

describe('checkAddressCapacity', () => {
  test.each([
    ["the default at the paper's rate", {}, 3e6],
    ['the default far above it', {}, 100e6],
    // 1000 / 1 x (5 s + 1 s) = 6000 endpoints
    ['exactly enough', { fnicCount: 1, addressCount: 6, portCount: 1000 }, 1000],
    ['an address for each fNIC', { addressCount: 16 }, 1e5],
    // Every client endpoint meets 1009 servers before a pair comes again: 64,512 x 1009 pairs.
    ['one client whose servers change', { fnicCount: 1, addressCount: 1, serverPortCount: 1009 }, 10e6],
  ])('%s', (_name, shape, rateCps) => {
    expect(errorOf(shape, rateCps)).toBeUndefined();
  });

  test.each([
    ['one endpoint too few', { fnicCount: 1, addressCount: 1, portCount: 5999 }, 1000, '6,000', '/31'],
    ['fewer addresses than fNICs', { addressCount: 15 }, 1, '1 client endpoint', '/28'],
    // Rounds of 6 clients and 4 servers end together after 12 connections.
    [
      'rounds that end together',
      { fnicCount: 1, addressCount: 1, portCount: 6, serverPortCount: 4 },
      2.1,
      '13',
      '/30',
    ],
    ['one port', { addressCount: 256, portCount: 1 }, 3e6, '1,125,000', '/7'],
    ['no prefix is enough', { addressCount: 256, portCount: 1 }, 1e9, '375,000,000', 'No IPv4 prefix'],
  ])('%s', (_name, shape, rateCps, needed, hint) => {
    const error = errorOf(shape, rateCps);
    expect(error).toMatchObject({ code: 'address-capacity', exitCode: 2 });
    expect(error?.message).toContain('mine.yaml:7: clients.addresses');
    expect(error?.message).toContain(needed.split(' ')[0]);
    expect(error?.hint.toLowerCase()).toContain(hint.toLowerCase());
  });

  test.each([
    ['clients', { addressCount: 2 ** 24, fnicCount: 1 }, 'clients.addresses'],
    ['servers', { serverAddressCount: 2 ** 17, serverPortCount: 65_535 }, 'servers.addresses'],
  ])('more %s than can be numbered', (_name, shape, key) => {
    expect(errorOf(shape, 1000)?.message).toContain(key);
  });

  test('endpoints are needed for as long as a card remembers a connection', () => {
    const exact = { fnicCount: 1, addressCount: 6, portCount: 1000 };
    expect(errorOf(exact, 1000, 1e9)).toBeUndefined();
    expect(errorOf(exact, 1000, 1.5e9)?.message).toContain('at least 6,500 client endpoints');
  });

  test('a profile that no file set is named', () => {
    const unplaced = { ...profile({ addressCount: 1 }), origins: {} };
    expect(() => checkAddressCapacity(unplaced, { rateCps: 1e6, lingerNs: 1e9 })).toThrowError(
      'profile test: clients.addresses',
    );
  });

  test('the prefix in the hint is enough, and the next longer one is not', () => {
    const cases = fc.record({
      rateCps: fc.integer({ min: 1, max: 20e6 }),
      fnicCount: fc.integer({ min: 1, max: 64 }),
      portCount: fc.integer({ min: 1000, max: 65_535 }),
    });
    fc.assert(
      fc.property(cases, ({ rateCps, fnicCount, portCount }) => {
        const withPrefix = (length: number) =>
          errorOf({ fnicCount, portCount, addressCount: 2 ** (32 - length) }, rateCps);
        const hint = errorOf({ fnicCount, portCount, addressCount: 0 }, rateCps)?.hint ?? '';
        const length = Number(/\/(\d+)/.exec(hint)?.[1]);
        expect(withPrefix(length)).toBeUndefined();
        if (length < 32) expect(withPrefix(length + 1)).toBeDefined();
      }),
    );
  });
});

test('fewer client addresses than fNICs are told as that', () => {
  const error = errorOf({ addressCount: 8, fnicCount: 16 }, 1000);
  expect(error?.message).toContain(
    'got fewer addresses than fNICs: 8 addresses x 64,512 ports leave some of the 16 without any',
  );
  expect(errorOf({ addressCount: 1, fnicCount: 1, portCount: 1 }, 1000)?.message).toContain(
    '1 address x 1 port',
  );
});
