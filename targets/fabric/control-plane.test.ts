import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.js';
import { loadModel } from '../../sirius-card/model.js';
import { placementOf } from '../placement.js';
import { ControlPlane } from './control-plane.js';
import type { CardRole, Fabric } from './fabric.js';

const { control: timing } = loadModel('dsc-200');
const FNIC_COUNT = 4;
const MS = 1e6;

/** A fabric that only notes what it is told, with the time. */
function fakeFabric() {
  const cables = new Map<string, boolean>();
  const key = (tor: number, card: number) => `${tor} ${card}`;
  const routes = new Map<string, number | undefined>();
  const roles = new Map<string, CardRole>();
  const exits = new Map<string, number>();
  const peerExits = new Map<string, number>();
  const fabric: Fabric = {
    torCount: 2,
    cardCount: 2,
    fnicCount: FNIC_COUNT,
    replicates: true,
    placementOf: (fnic) => placementOf(fnic, 2),
    isCableUp: (tor, card) => cables.get(key(tor, card)) ?? true,
    setCable: (tor, card, isUp) => cables.set(key(tor, card), isUp),
    setRoute: (tor, fnic, card) => routes.set(key(tor, fnic), card),
    setPeerExit: (card, peer, tor, exit) => peerExits.set(`${card} to ${peer} by ${tor}`, exit),
    setExit: (card, tor, exit) => exits.set(key(card, tor), exit),
    setRole: (card, fnic, role) => roles.set(key(card, fnic), role),
    setUplink: () => {},
    cards: {
      clear: () => {},
      forget: () => {},
      openChannel: () => {},
      closeChannel: () => {},
      beginSync: () => {},
      isSyncing: () => false,
      readChannel: () => ({ batches: 0, batchesAgain: 0, records: 0, forgets: 0, bytes: 0, refused: 0 }),
    },
  };
  return { fabric, routes, roles, exits, peerExits };
}

function build(given: Partial<typeof timing> = {}) {
  const fake = fakeFabric();
  const entries = new Map<string, number>();
  const control = new ControlPlane({
    fabric: fake.fabric,
    timing: { ...timing, ...given },
    random: new Random(1),
    setEntry: (fnic, tor, entry) => entries.set(`${fnic} ${tor}`, entry),
  });
  return { ...fake, entries, control };
}

/** Longest that noticing may take, and then writing the routes of so many fNICs. */
const noticedMs = (timing.probeIntervalNs * timing.probeMissesMax) / MS;
const writtenMs = (count: number) => (count * timing.routeInstallNs) / MS;

describe('the control planes of a pair and its ToRs', () => {
  test('change nothing while nothing happens', () => {
    const { control, routes, roles, entries } = build();
    control.schedule.run(1000 * MS);
    expect([routes.size, roles.size, entries.size, control.events]).toEqual([0, 0, 0, []]);
  });

  test("let the other card take a dead card's fNICs, without a peer, before routes lead there", () => {
    const { control, routes, roles } = build();
    control.schedule.at(100 * MS, () => {
      control.act({ kind: 'cut', cables: [{ tor: 0, card: 0 }] });
      control.act({ kind: 'cut', cables: [{ tor: 1, card: 0 }] });
    });
    const heartbeatsNs = timing.heartbeatIntervalNs * (timing.heartbeatMissesMax + 1);
    control.schedule.run(100 * MS + heartbeatsNs);
    for (let fnic = 0; fnic < FNIC_COUNT; fnic++) {
      expect(roles.get(`1 ${fnic}`)).toEqual({ takesTraffic: true, peer: undefined });
    }
    expect([...routes.values()].filter((card) => card !== undefined)).toEqual([]);
    control.schedule.run((100 + noticedMs + writtenMs(2)) * MS);
    expect(Object.fromEntries(routes)).toEqual({ '0 0': 1, '0 2': 1, '1 0': 1, '1 2': 1 });
  });

  test('empty the routes that change at once and write them one after another', () => {
    const { control, routes } = build();
    control.schedule.at(10 * MS, () => control.act({ kind: 'switchOver', card: 0 }));
    control.schedule.run(10 * MS);
    expect(Object.fromEntries(routes)).toEqual({
      ...{ '0 0': undefined, '0 2': undefined },
      ...{ '1 0': undefined, '1 2': undefined },
    });
    control.schedule.run(10 * MS + timing.routeInstallNs);
    expect(Object.fromEntries(routes)).toEqual({ '0 0': 1, '0 2': undefined, '1 0': 1, '1 2': undefined });
    control.schedule.run(10 * MS + 2 * timing.routeInstallNs);
    expect([...routes.values()]).toEqual([1, 1, 1, 1]);
  });

  test('keep the old primary as the secondary of a planned change', () => {
    const { control, roles } = build();
    control.schedule.at(10 * MS, () => control.act({ kind: 'switchOver', card: 0 }));
    control.schedule.run(10 * MS);
    expect(Object.fromEntries(roles)).toEqual({
      '1 0': { takesTraffic: true, peer: 0 },
      '1 2': { takesTraffic: true, peer: 0 },
    });
  });

  test('lead the network around a ToR that has lost its cards, and cards around their dark port, but promote nobody', () => {
    const { control, roles, entries, exits } = build();
    control.schedule.at(50 * MS, () => {
      control.act({ kind: 'cut', cables: [{ tor: 0, card: 0 }] });
      control.act({ kind: 'cut', cables: [{ tor: 0, card: 1 }] });
    });
    control.schedule.run(50 * MS + timing.linkDownDetectionNs);
    expect(exits.get('0 0')).toBe(1);
    expect(exits.get('1 0')).toBe(1);
    expect(exits.get('0 1')).toBe(1);
    control.schedule.run((50 + noticedMs + writtenMs(FNIC_COUNT)) * MS);
    expect(Object.fromEntries(entries)).toEqual({ '0 0': 1, '1 0': 1, '2 0': 1, '3 0': 1 });
    expect(roles.size).toBe(0);
  });

  test('lead the network and the other card around a ToR that reaches one card only, and promote nobody', () => {
    const { control, roles, routes, entries, peerExits } = build();
    control.schedule.at(50 * MS, () => control.act({ kind: 'cut', cables: [{ tor: 0, card: 0 }] }));
    const heartbeatsNs = timing.heartbeatIntervalNs * (timing.heartbeatMissesMax + 1);
    control.schedule.run(50 * MS + heartbeatsNs);
    expect(Object.fromEntries(peerExits)).toEqual({ '0 to 1 by 0': 1, '1 to 0 by 0': 1 });
    control.schedule.run((50 + noticedMs + writtenMs(2)) * MS);
    // The longer path, to the secondary: told to the network when it is written, which then prefers the other ToR's.
    expect(Object.fromEntries(routes)).toEqual({ '0 0': 1, '0 2': 1 });
    control.schedule.run((50 + noticedMs + writtenMs(4)) * MS);
    expect(Object.fromEntries(entries)).toEqual({ '0 0': 1, '2 0': 1 });
    expect(roles.size).toBe(0);
    control.schedule.at(200 * MS, () => control.act({ kind: 'join', cables: [{ tor: 0, card: 0 }] }));
    control.schedule.run(300 * MS);
    expect(Object.fromEntries(entries)).toEqual({ '0 0': 0, '2 0': 0 });
    expect(Object.fromEntries(peerExits)).toEqual({ '0 to 1 by 0': 0, '1 to 0 by 0': 0 });
  });

  test('do not take the others for dead because they were in the dark themselves, however long', () => {
    const cables = [0, 1].map((tor) => ({ tor, card: 0 }));
    for (let darkMs = 1; darkMs < 6; darkMs += 0.05) {
      const { control } = build();
      control.schedule.at(50 * MS, () => control.act({ kind: 'cut', cables }));
      control.schedule.at((50 + darkMs) * MS, () => control.act({ kind: 'join', cables }));
      control.schedule.run(70 * MS);
      expect(control.events.map(({ what }) => what)).not.toContain('card1 takes fNIC 1');
    }
  });

  test('send nothing to and fro when both ToRs find a card dead, one after the other', () => {
    const { control, entries } = build();
    const cables = [0, 1].map((tor) => ({ tor, card: 0 }));
    control.schedule.at(50 * MS, () => control.act({ kind: 'cut', cables }));
    control.schedule.run(500 * MS);
    expect([...entries].filter(([key, entry]) => key.split(' ')[1] !== `${entry}`)).toEqual([]);
  });

  test('leave each fNIC of a split brain to its own primary by the length of paths, before the controller is asked', () => {
    const { control, routes, entries, roles } = build();
    const cables = [0, 1].map((one) => ({ tor: one, card: one }));
    control.schedule.at(50 * MS, () => control.act({ kind: 'cut', cables }));
    control.schedule.run(50 * MS + (noticedMs + writtenMs(4)) * MS);
    // Each card takes the other for dead and stands in for it, and each ToR leads to the one that it reaches.
    for (let fnic = 0; fnic < FNIC_COUNT; fnic++) {
      const other = fnic % 2 === 0 ? 1 : 0;
      expect(roles.get(`${other} ${fnic}`)).toEqual({ takesTraffic: true, peer: undefined });
      // ToR2 reaches card1 only: all packets of card1's fNICs enter there.
      expect(entries.get(`${fnic} ${fnic % 2}`)).toBe(other);
    }
    expect(routes.get('0 0')).toBe(1);
    expect(routes.get('1 1')).toBe(0);
    // Then the controller ends it.
    control.schedule.run(50 * MS + 2 * timing.controllerReactionNs);
    for (let fnic = 0; fnic < FNIC_COUNT; fnic++) {
      const other = fnic % 2 === 0 ? 1 : 0;
      expect(roles.get(`${other} ${fnic}`)).toEqual({ takesTraffic: false, peer: undefined });
      expect(roles.get(`${fnic % 2} ${fnic}`)).toEqual({ takesTraffic: true, peer: undefined });
    }
  });

  test('take no notice of a cable that is back before it is missed', () => {
    const { control, routes, roles, exits } = build();
    control.schedule.at(10 * MS, () => control.act({ kind: 'cut', cables: [{ tor: 0, card: 0 }] }));
    control.schedule.at(12 * MS, () => control.act({ kind: 'join', cables: [{ tor: 0, card: 0 }] }));
    control.schedule.run(100 * MS);
    expect([routes.size, roles.size]).toEqual([0, 0]);
    expect(exits.get('0 0')).toBe(0);
  });

  test.each([100, 1000, 9000])('take a card that runs again %i us after it died for a new one', (awayUs) => {
    const { control, routes, roles } = build();
    const nodes = [{ node: 'card' as const, index: 0 }];
    control.schedule.at(100 * MS, () => control.act({ kind: 'kill', nodes }));
    control.schedule.at(100 * MS + awayUs * 1000, () => control.act({ kind: 'revive', nodes }));
    const heartbeatsNs = timing.heartbeatIntervalNs * (timing.heartbeatMissesMax + 1);
    control.schedule.run(100 * MS + awayUs * 1000 + heartbeatsNs);
    for (let fnic = 0; fnic < FNIC_COUNT; fnic++) {
      expect(roles.get(`1 ${fnic}`)).toEqual({ takesTraffic: true, peer: undefined });
    }
    control.schedule.run(100 * MS + awayUs * 1000 + (noticedMs + writtenMs(2)) * MS);
    expect(Object.fromEntries(routes)).toEqual({ '0 0': 1, '0 2': 1, '1 0': 1, '1 2': 1 });
    // It keeps the copies from now on.
    control.schedule.run(500 * MS);
    expect(roles.get('0 0')).toEqual({ takesTraffic: false, peer: 1 });
    expect(roles.get('1 0')).toEqual({ takesTraffic: true, peer: 0 });
  });

  test('hear of routes that were taken back while a cable was dark for too short a time to be missed', () => {
    const { control, routes } = build({ probeMissesMax: 5 });
    const cables = [0, 1].map((tor) => ({ tor, card: 0 }));
    // Long enough for the card to hear nobody, and to stand aside.
    const darkNs = timing.heartbeatIntervalNs * (timing.heartbeatMissesMax + 1);
    control.schedule.at(100 * MS, () => control.act({ kind: 'cut', cables }));
    control.schedule.at(100 * MS + darkNs, () => control.act({ kind: 'join', cables }));
    // Long before the controller does anything about it.
    control.schedule.run(100 * MS + darkNs + timing.linkDownDetectionNs + writtenMs(2) * MS);
    for (const tor of [0, 1]) {
      expect([routes.get(`${tor} 0`), routes.get(`${tor} 2`)]).toEqual([1, 1]);
    }
  });

  test('give the fNICs of a card that was away to the one with the copies, though it is back before that one has missed it', () => {
    const { control, roles } = build({ heartbeatIntervalNs: 30 * MS, controllerReactionNs: 31 * MS });
    const nodes = [{ node: 'card' as const, index: 0 }];
    control.schedule.at(100 * MS, () => control.act({ kind: 'kill', nodes }));
    control.schedule.at(110 * MS, () => control.act({ kind: 'revive', nodes }));
    control.schedule.run(1000 * MS);
    const taken: unknown[] = control.events
      .filter(({ what }) => what.includes('takes'))
      .map(({ what }) => what);
    expect(taken).toEqual(['card2 takes fNIC 0', 'card2 takes fNIC 2']);
    expect(roles.get('0 0')).toEqual({ takesTraffic: false, peer: 1 });
  });
});
