import { describe, expect, test } from 'vitest';
import { parseTarget, TARGETS } from './target-url.js';

describe('parseTarget', () => {
  test.each([
    ['card://pair', { scheme: 'card', host: 'pair', cardCount: 2, url: 'card://pair' }],
    ['card://solo', { scheme: 'card', host: 'solo', cardCount: 1, url: 'card://solo' }],
    ['CARD://Pair/', { scheme: 'card', host: 'pair', cardCount: 2, url: 'card://pair' }],
    ['card://appliance', { scheme: 'card', host: 'appliance', cardCount: 3, url: 'card://appliance' }],
    [
      'card://Appliance?cards=12',
      { scheme: 'card', host: 'appliance', cardCount: 12, url: 'card://appliance?cards=12' },
    ],
    [' loopback:// ', { scheme: 'loopback', host: '', cardCount: 0, url: 'loopback://' }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });

  test.each([
    ['', 'card://pair'],
    ['card', 'card://pair'],
    ['card://', 'card://'],
    ['card://trio', 'card://'],
    ['card://pair?cards=3', 'card://pair'],
    ['card://appliance?cards=2', 'with ?cards=3 to 12'],
    ['card://appliance?cards=13', 'with ?cards=3 to 12'],
    ['card://appliance?cards=', 'card://appliance'],
    ['card://pair:80', 'card://pair'],
    ['loopback://x', 'loopback://'],
    ['eth://eth0,eth1', 'card://pair, card://solo, card://appliance, loopback://'],
    ['tcp://10.0.0.1:80', 'card://pair, card://solo, card://appliance, loopback://'],
    ['warp://drive', 'card://pair, card://solo, card://appliance, loopback://'],
  ])('refuses "%s" and names what there is', (text, named) => {
    expect(() => parseTarget(text)).toThrowError(
      expect.objectContaining({ code: 'target-unknown', exitCode: 2 }),
    );
    expect(() => parseTarget(text)).toThrowError(named);
  });

  test('every listed target parses to itself', () => {
    for (const { url } of TARGETS) expect(parseTarget(url).url).toBe(url);
  });

  test('suggests the nearest', () => {
    expect(() => parseTarget('card://par')).toThrowError(
      expect.objectContaining({ hint: 'Did you mean card://pair?' }),
    );
  });
});
