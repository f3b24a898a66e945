import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { packagePath } from '../core/package-path.js';
import { buildHeroOptions, DEFAULT_HERO_FLAGS, type HeroTrialFlags, heroPackets } from './hero-options.js';
import { HERO_SCALE_NAMES } from './hero-scales.js';

const folder = mkdtempSync(join(tmpdir(), 'sirius-hero-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const build = (flags: Partial<HeroTrialFlags>) => buildHeroOptions({ ...DEFAULT_HERO_FLAGS, ...flags });

test.each(HERO_SCALE_NAMES)('scale %s can be offered at the rate that DASH asks for', (scale) => {
  const options = build({ scale, rate: '3M', duration: '100s' });
  expect(options).toMatchObject({ rateCps: 3e6, clock: 'virtual', input: { scale } });
});

test("the full scale has DASH's flows", () => {
  const { background, profile } = build({ scale: 'full' });
  expect(background).toMatchObject({ tcpFlowCount: 15e6, udpFlowCount: 15e6, refreshNs: 4.9e9 });
  expect(profile.fnicCount).toBe(32);
});

test('a trial weighs more with a background', () => {
  expect(heroPackets(build({ scale: 'full' }))).toBeGreaterThan(heroPackets(build({ scale: '1ip' })));
});

describe('refuses', () => {
  const forgetful = join(folder, 'forgetful.yaml');
  const model = readFileSync(packagePath('sirius-card/models/dsc-200.yaml'), 'utf8');
  writeFileSync(
    forgetful,
    model.replace('establishedIdleMs: { value: 5000', 'establishedIdleMs: { value: 2000'),
  );

  test.each<[string, Partial<HeroTrialFlags>, string, string]>([
    ['a target without tables', { target: 'loopback://' }, 'hero-target', '--target'],
    ['a model that forgets its background', { model: forgetful }, 'hero-idle', '--model'],
    ['a packet that is too large', { 'packet-size': '9000' }, 'packet-size', '--packet-size'],
    ['a packet size that is none', { 'packet-size': 'imix' }, 'packet-size', '--packet-size'],
    ['a rate of packets', { rate: '3Mpps' }, 'rate', 'got "3Mpps", which is in pps'],
    ['a rate beyond the wires', { rate: '100M' }, 'line-rate', '--rate'],
    ['a power state that is none', { power: '60W' }, 'unknown-power-state', '--power'],
  ])('%s', (_case, flags, code, where) => {
    const refused = () => build(flags);
    expect(refused).toThrow(SiriusError);
    expect(refused).toThrow(
      expect.objectContaining({ code, exitCode: 2, message: expect.stringContaining(where) }),
    );
  });
});
