import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SiriusError } from '../core/errors.js';
import { listScenarios, loadScenario } from './scenario.js';

const PLACES = { torCount: 2, run: { firstFaultNs: 2e9, durationNs: 6e9 } };
const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(events: string): string {
  const path = join(folder, 'mine.yaml');
  writeFileSync(
    path,
    `schema: sirius-bench.scenario/1\nname: mine\ndescription: of a test\nevents:\n${events}\n`,
  );
  return path;
}

describe('scenarios', () => {
  test.each(listScenarios())('%s, which ships with the package, is good and named like its file', (name) => {
    const scenario = loadScenario(name, { torCount: 2 });
    expect(scenario.name).toBe(name);
    expect(scenario.events[0]?.atNs).toBe(0);
  });

  test('are events in order of time, with places by number', () => {
    const path = write(
      '  - { at: 0s, cut: [tor1-card2] }\n  - { at: 1.5ms, join: [tor1-card2] }\n  - { at: 2s, switchOver: card1 }',
    );
    expect(loadScenario(path, PLACES).events).toEqual([
      { atNs: 0, action: { kind: 'cut', cables: [{ tor: 0, card: 1 }] }, place: 'tor1-card2' },
      { atNs: 1.5e6, action: { kind: 'join', cables: [{ tor: 0, card: 1 }] }, place: 'tor1-card2' },
      { atNs: 2e9, action: { kind: 'switchOver', card: 0 }, place: 'card1' },
    ]);
  });

  test.each([
    ['an unknown cable', '  - { at: 0s, cut: [tor1-card3] }', ':5', 'tor1-card1'],
    ['an unknown card', '  - { at: 0s, switchOver: card9 }', ':5', 'card1, card2'],
    ['a time that is none', '  - { at: soon, cut: [tor1-card1] }', ':5', 'a duration'],
    [
      'events out of order',
      '  - { at: 0s, cut: [tor1-card1] }\n  - { at: 2s, join: [tor1-card1] }\n  - { at: 1s, cut: [tor1-card1] }',
      ':7',
      'in order of time, got "1s" after "2s" in line 6',
    ],
    [
      'an event after the end of the run',
      '  - { at: 0s, cut: [tor1-card1] }\n  - { at: 9s, join: [tor1-card1] }',
      ':6',
      'an event before the run ends at 6.00 s, got one at 11.0 s: "9s" after the first, which is at 2.00 s',
    ],
    [
      'a card that dies and runs at one instant',
      '  - { at: 0s, kill: [card1] }\n  - { at: 0s, revive: [card1] }',
      ':6',
      'at most one thing to happen to card1 at "0s", got revive beside kill in line 5',
    ],
    [
      'a first event that is not at zero',
      '  - { at: 100ms, cut: [tor1-card1] }',
      ':5',
      '0s: times count from the first event, got "100ms"',
    ],
    [
      'a cable cut and joined at one instant',
      '  - { at: 0s, cut: [tor1-card1] }\n  - { at: 0s, join: [tor1-card1] }',
      ':6',
      'at most one thing to happen to tor1-card1 at "0s", got join beside cut in line 5',
    ],
    [
      'two actions in one event',
      '  - { at: 0s, cut: [tor1-card1], join: [tor1-card2] }',
      ':5',
      'expected one action per event',
    ],
    ['an event without a time', '  - { kill: [card1] }', ':5', 'expected the key "at", got only "kill"'],
    ['an event without action', '  - { at: 0s }', ':5', 'expected one action per event'],
    [
      'a card that is no list',
      '  - { at: 0s, kill: card9 }',
      ':5',
      'expected an array (a list), got "card9"',
    ],
    [
      'a cable that is cut twice',
      '  - { at: 0s, cut: [tor1-card1] }\n  - { at: 1s, cut: [tor2-card1, tor1-card1] }',
      ':6: cut',
      'expected a cable that is joined, got tor1-card1 after cut in line 5',
    ],
    [
      'a cable that was never cut and is joined',
      '  - { at: 0s, join: [tor1-card1] }',
      ':5: join',
      'expected a cable that was cut, got tor1-card1 without cut before it',
    ],
    [
      'a card that lives and is revived',
      '  - { at: 0s, kill: [card2] }\n  - { at: 1s, revive: [card1] }',
      ':6: revive',
      'expected a card or ToR that was killed, got card1',
    ],
    [
      'a ToR that is dead and dies',
      '  - { at: 0s, kill: [tor1] }\n  - { at: 1s, kill: [tor1] }',
      ':6: kill',
      'expected a card or ToR that runs, got tor1 after kill in line 5',
    ],
    [
      'a dead card that is to leave',
      '  - { at: 0s, kill: [card1] }\n  - { at: 1s, switchOver: card1 }',
      ':6: switchOver',
      'expected a card that runs, got card1 after kill in line 5',
    ],
    [
      'heartbeats that come through',
      '  - { at: 0s, unmute: [tor1] }',
      ':5: unmute',
      'heartbeats that were muted',
    ],
    [
      'a controller that is paused twice',
      '  - { at: 0s, pauseController: true }\n  - { at: 1s, pauseController: true }',
      ':6: pauseController',
      'expected a controller that runs',
    ],
    ['an unknown action', '  - { at: 0s, explode: card1 }', ':5', ''],
    ['no event', '  []', ':4', ''],
  ])('%s is refused with file and line', (_case, events, line, expected) => {
    const path = write(events);
    try {
      loadScenario(path, PLACES);
    } catch (error) {
      expect(error).toBeInstanceOf(SiriusError);
      expect((error as SiriusError).exitCode).toBe(2);
      expect((error as SiriusError).message).toContain(`mine.yaml${line}`);
      expect((error as SiriusError).message).toContain(expected);
      return;
    }
    throw new Error('it was taken');
  });

  test('a mistake that has an easy end is told with it', () => {
    const hintOf = (events: string) => {
      try {
        loadScenario(write(events), PLACES);
      } catch (error) {
        return (error as SiriusError).hint;
      }
      return undefined;
    };
    expect(hintOf('  - { at: 0s, kill: card1 }')).toBe('Write kill: [card1].');
    expect(hintOf('  - { kill: [card1] }')).toBe('Add at: Counted from the first fault: 0s, 2ms.');
    expect(hintOf('  - { at: 10, kill: [card1] }')).toBe('Add a unit: 10s, 10ms.');
    expect(hintOf('  - { at: 0s, cut: [tor1-card1], join: [tor1-card2] }')).toContain('an event of its own');
    expect(hintOf('  - { at: 0s, revive: [card1] }')).toBe('Remove this revive, or kill card1 before it.');
    expect(hintOf('  - { at: 0s, mute: [tor1] }\n  - { at: 1s, mute: [tor1] }')).toBe(
      'Remove this mute, or unmute heartbeats by tor1 between the two.',
    );
    expect(hintOf('  - { at: 0s, cut: [tor1-card1] }\n  - { at: 0s, cut: [tor1-card1] }')).toBe(
      'Remove one of the two.',
    );
    expect(hintOf('  - { at: 0s, cut: [tor1-card1] }\n  - { at: 9s, join: [tor1-card1] }')).toBe(
      'Give a --duration above 11.0 s, an earlier --at, or let the event come earlier.',
    );
  });

  describe('several problems', () => {
    const errorOf = (events: string[]) => {
      try {
        loadScenario(write(events.map((event) => `  - { ${event} }`).join('\n')), PLACES);
      } catch (error) {
        return error as SiriusError;
      }
      throw new Error('it was taken');
    };

    test('are told at once, in the order of the file, each with its line and its hint', () => {
      const { message, hint, exitCode } = errorOf([
        'at: 0s, cut: [tor1-card1]',
        'at: 1s, cut: [tor1-card1]',
        'at: 0.5s, join: [tor1-card1]',
        'at: soon, cut: [tor1-card1]',
        'at: 2s, cut: [tor1-crad1, tor1-card2, tor1-card9]',
        'at: 9s, switchOver: card1',
      ]);
      const lines = message.split('\n').map((line) => line.slice(line.indexOf('mine.yaml')));
      expect(lines).toHaveLength(5);
      expect(lines[0]).toMatch(/^mine.yaml:6: cut: expected a cable that is joined/);
      expect(lines[1]).toMatch(/^mine.yaml:7: at: expected events in order of time/);
      expect(lines[2]).toMatch(/^mine.yaml:8: at: expected a duration/);
      expect(lines[3]).toMatch(/^mine.yaml:9: expected a cable .*, got "tor1-crad1"$/);
      expect(lines[4]).toMatch(/^mine.yaml:9: expected a cable .*, got "tor1-card9"$/);
      const hints = hint.split('\n');
      expect(hints[0]).toBe('line 6: Remove this cut, or join tor1-card1 between the two.');
      expect(hints[3]).toBe('line 9: Did you mean tor1-card1?');
      expect(hints[5]).toBe('1 more problem after these');
      expect(exitCode).toBe(2);
    });

    test('of one line come in the order of its events', () => {
      const message = (events: string) => {
        try {
          loadScenario(write(`  [${events}]`), PLACES);
        } catch (error) {
          return (error as SiriusError).message;
        }
        throw new Error('it was taken');
      };
      expect(
        message('{ at: 0s, kill: [card1] }, { at: 1s, revive: [card2] }, { at: 2s, kill: [card9] }'),
      ).toMatch(/revive: expected .*\n.*"card9"$/);
      expect(message('{ at: 0s }, { at: 1s, explode: card1 }')).toMatch(/one action per event.*\n.*explode/);
    });

    test('do not come of an event that could not be read', () => {
      const { message } = errorOf(['at: 0s, cut: [tor1-crad1]', 'at: 1s, join: [tor1-card1]']);
      expect(message.split('\n')).toHaveLength(1);
      expect(message).toContain('"tor1-crad1"');
    });

    test('one of each event, where it is wrong in two ways, also where it is on several lines', () => {
      const block = '  - at: 0s\n    kill: [card1]\n  - at: 0s\n    kill: [card1]';
      expect(() => loadScenario(write(block), PLACES)).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/^[^\n]*:7: expected at most one thing to happen to card1[^\n]*$/),
          hint: 'Remove one of the two.',
        }),
      );
    });

    test('of each of the events that share a line', () => {
      const events =
        '  [{ at: 0s, kill: [card1] }, { at: 0s, kill: [card1] }, { at: 1s, cut: [tor1-card2] }, { at: 2s, cut: [tor1-card2] }]';
      expect(() => loadScenario(write(events), PLACES)).toThrow(
        /at most one thing [^\n]*\n[^\n]*a cable that is joined/,
      );
    });

    test('of which the end of the run is one, with what mends it for all events after it', () => {
      const { message, hint } = errorOf([
        'at: 0s, cut: [tor1-card1]',
        'at: 5s, join: [tor1-card1]',
        'at: 9s, cut: [tor1-card1]',
      ]);
      expect(message).toContain(':6: at: expected an event before the run ends at 6.00 s, got one at 7.00 s');
      expect(message.split('\n')).toHaveLength(1);
      expect(hint).toBe(
        'Give a --duration above 11.0 s, an earlier --at, or let the 2 late events come earlier.',
      );
    });

    test('one of each event, where it is wrong in two ways', () => {
      const { message } = errorOf(['at: 0s, kill: [card1]', 'at: 0s, kill: [card1]']);
      expect(message.split('\n')).toHaveLength(1);
      expect(message).toContain(
        ':6: expected at most one thing to happen to card1 at "0s", got kill a second time, after line 5',
      );
    });
  });

  test('what was undone may happen again', () => {
    const again = ['cut', 'join', 'cut'].map(
      (kind, second) => `  - { at: ${second}s, ${kind}: [tor1-card1] }`,
    );
    expect(loadScenario(write(again.join('\n')), PLACES).events).toHaveLength(3);
  });

  test('an unknown name lists what there is', () => {
    expect(() => loadScenario('card1-dwn', PLACES)).toThrow('card1-down');
  });
});
