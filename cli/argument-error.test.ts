import { expect, test } from 'vitest';
import { SiriusError, usageError } from '../core/errors.js';
import { blamingArgument } from './argument-error.js';

const NAME = { flag: '--model', argument: 'NAME' };
const wrong = (where: string) => usageError({ code: 'wrong', where, expected: 'a', got: 'b', hint: 'c' });
const failing = (error: Error) => () =>
  blamingArgument(NAME, () => {
    throw error;
  });

test('what works is handed on', () => {
  expect(blamingArgument(NAME, () => 5)).toBe(5);
});

test('an error of the flag becomes one of the argument', () => {
  expect(failing(wrong('--model'))).toThrowError(
    new SiriusError({ code: 'wrong', message: 'NAME: expected a, got b', hint: 'c' }),
  );
});

test.each([
  ['of a file', wrong('card.yaml:3')],
  ['of another flag', wrong('--models')],
  ['of another class', new TypeError('--model: broken')],
])('an error %s stays as it is', (_name, error) => {
  expect(failing(error)).toThrowError(error);
});
