import { describe, expect, test } from 'vitest';
import { resolveCommand } from './main.js';

const IDS = ['cps', 'doctor', 'profiles', 'profiles:show', 'results:list', 'results:show'];

describe('resolveCommand', () => {
  test.each([
    [[], '', [], ''],
    [['--help'], '', [], ''],
    [['--version'], '', [], ''],
    [['cps', '--rate', '3M'], 'cps', [], 'cps'],
    [['profiles'], 'profiles', ['show'], 'profiles'],
    [['profiles', 'show', 'cps'], 'profiles show', [], 'profiles'],
    [['results', '--help'], 'results', ['list', 'show'], 'results'],
    [['results', 'show'], 'results show', [], 'results list'],
  ])('%j', (line, known, next, lister) => {
    expect(resolveCommand(IDS, line)).toEqual({ known, next, lister });
  });

  test.each([
    [['cpss'], 'Did you mean `sirius-bench cps`?'],
    [['result', 'list'], 'Did you mean `sirius-bench results list`?'],
    [['results', 'lst'], 'Did you mean `sirius-bench results list`?'],
    [['frobnicate'], '`sirius-bench --help` tells what each command does.'],
    [['--rate', '3M'], 'The command comes first: `sirius-bench cps --rate 3M`.'],
  ])('%j is none', (line, hint) => {
    expect(() => resolveCommand(IDS, line)).toThrowError(
      expect.objectContaining({ code: 'command-unknown', exitCode: 2, hint }),
    );
  });
});
