import { describe, expect, test } from 'vitest';
import { SiriusError, usageError } from '../core/errors.js';
import { reportError } from './error-report.js';

const PLAIN = { json: false, debug: false, terminal: { isTerminal: false, columns: 30, color: false } };
const usage = usageError({
  code: 'rate',
  where: '--rate',
  expected: 'a rate',
  got: '"banana"',
  hint: 'try 3M',
});

describe('reportError', () => {
  test('people get two lines on standard error', () => {
    expect(reportError(usage, PLAIN)).toEqual({
      stdout: '',
      stderr: 'error: --rate: expected a rate, got "banana"\nhint: try 3M\n',
      exitCode: 2,
    });
  });

  test('--json gives one object on standard output and nothing else', () => {
    const { stdout, stderr, exitCode } = reportError(usage, { ...PLAIN, json: true });
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'rate', message: '--rate: expected a rate, got "banana"', hint: 'try 3M', exitCode: 2 },
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(2);
  });

  test('colours where asked for', () => {
    expect(reportError(usage, { ...PLAIN, terminal: { ...PLAIN.terminal, color: true } }).stderr).toContain(
      '\u001b[31merror:\u001b[39m',
    );
  });

  test('a terminal gets lines of its width, words whole and numbers with their units', () => {
    const terminal = { ...PLAIN.terminal, isTerminal: true, color: true };
    const { stderr } = reportError(usage, { ...PLAIN, terminal });
    expect(stderr).toBe(
      '\u001b[31merror:\u001b[39m --rate: expected a\nrate, got "banana"\n\u001b[36mhint:\u001b[39m try 3M\n',
    );
  });

  test.each([
    ['an error of ours', new SiriusError({ code: 'x', message: 'm', hint: 'h', exitCode: 4 }), 4, 'error: m'],
    ['the system', systemError(), 1, 'error: ENOSPC: no space left'],
    [
      'a fault of the program',
      new TypeError('x is not a function'),
      1,
      'error: internal error: x is not a function',
    ],
    ['a thrown string', 'oops', 1, 'error: internal error: oops'],
  ])('%s', (_name, error, exitCode, start) => {
    const report = reportError(error, PLAIN);
    expect(report.exitCode).toBe(exitCode);
    expect(report.stderr.startsWith(start)).toBe(true);
    expect(report.stderr).toContain('\nhint: ');
    expect(report.stderr).not.toContain('    at ');
  });

  test('DEBUG adds the stack and its cause', () => {
    const error = new SiriusError({ code: 'x', message: 'outer', hint: 'h', cause: new Error('inner') });
    const { stderr } = reportError(error, { ...PLAIN, debug: true });
    expect(stderr).toContain('    at ');
    expect(stderr).toContain('caused by: Error: inner');
  });
});

function systemError(): NodeJS.ErrnoException {
  return Object.assign(new Error('ENOSPC: no space left'), { syscall: 'write', code: 'ENOSPC' });
}
