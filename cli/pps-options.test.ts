import { describe, expect, test } from 'vitest';
import { buildPpsOptions, DEFAULT_PPS_FLAGS, type PpsFlags } from './pps-options.js';

const options = (flags: Partial<PpsFlags>) => buildPpsOptions({ ...DEFAULT_PPS_FLAGS, ...flags });

describe('a rate of packets', () => {
  test.each<[Partial<PpsFlags>, number]>([
    [{ rate: '10mpps' }, 10e6],
    // 100 Gbps, 118 B and 20 B of preamble and gap (section 6.2, footnote 6).
    [{ rate: 'max' }, 100e9 / 8 / 138],
    [{ rate: 'MAX', 'packet-size': '1500' }, 100e9 / 8 / 1574],
    [{ rate: '50%' }, 50e9 / 8 / 138],
    [{ rate: '200%' }, 200e9 / 8 / 138],
    [{ rate: '944mbps' }, 1e6],
    [{ rate: '1mpps', 'packet-size': 'imix' }, 1e6],
  ])('%o offers %d a second', (flags, ratePps) => {
    expect(options(flags).ratePps).toBeCloseTo(ratePps, 0);
  });

  test.each<[Partial<PpsFlags>, RegExp]>([
    [{ rate: 'banana' }, /--rate: expected .*got "banana"/],
    [{ rate: '0.0004' }, /--rate: expected at least 0.001 packets per second/],
    [{ rate: '3mcps' }, /--rate: .*in cps/],
    [
      { rate: '201%' },
      /--rate: expected at most 181 Mpps, what 2 ports of 100 Gbps carry of 64 B, got 182 Mpps/,
    ],
    [{ 'packet-size': '63' }, /--packet-size: expected .*64 to 1518/],
    [{ 'packet-size': 'jumbo' }, /--packet-size: .*"jumbo"/],
    [{ flows: '0' }, /--flows/],
    [
      { flows: '65M' },
      /--flows: expected at most 64,000,000 flows, the records of a card's flow table, got 65,000,000/,
    ],
    [{ flows: '68M', target: 'loopback://' }, /--flows: expected 1 to 67,108,864 flows/],
    [{ rate: '1pps', duration: '1ms' }, /--duration: expected at least 1.00 s/],
    [{ rate: '1pps', duration: '25h' }, /--duration: expected at most 24h.* warm-up among them, got 25h/],
    [{ rate: '1pps', duration: '25h', warmup: false }, /--duration: expected at most 24h, got 25h/],
    [{ acl: 'tabel4' }, /--acl: expected a rule set \(table4, none, .*got "tabel4"/],
    [{ power: '60W' }, /--power: .*78W, 68W, 52W/],
    [{ target: 'tcp://x' }, /--target/],
  ])('%o is refused', (flags, message) => {
    expect(() => options(flags)).toThrow(message);
  });
});

test('flows are learned at a share of what the ARM cores can do', () => {
  expect(options({}).warmupPps).toBe(Math.floor((16 * 0.85 * 1e9) / 3200));
  expect(options({ target: 'card://pair' }).warmupPps).toBe(Math.floor((32 * 0.85 * 1e9) / 6400));
  expect(options({ power: '52W' }).warmupPps).toBe(Math.floor((16 * 0.85 * 1e9) / (3200 * 1.221)));
  expect(options({ warmup: false }).warmupPps).toBeUndefined();
});
