import { expect, test } from 'vitest';
import { displayUnit, quantityText } from './quantity.js';

test.each([
  [2360, 'ns', '2.36 us'],
  [999.96, 'ns', '1 us'],
  [0, 'ns', '0 ns'],
  [0.25, 'ns', '0.25 ns'],
  [50e6, 'pps', '50 Mpps'],
  [176.5e3, 'cps', '176.5 kcps'],
  [999_960, 'cps', '1 Mcps'],
  [0.9, 'cps', '0.9 cps'],
  [32e9, 'B', '32 GB'],
  [1.5e9, 'Hz', '1.5 GHz'],
  [0.0000316, 'fraction', '0.00316%'],
  [2.27e-7, 'fraction', '0.0000227%'],
  [0, 'fraction', '0%'],
  [10, 'x', '10x'],
  [64e6, 'flows', '64M flows'],
  [5102, 'conjuncts', '5,102 conjuncts'],
  [123_456, 'conjuncts', '123.5k conjuncts'],
  [78, 'W', '78 W'],
  [-1500, 'pps', '-1.5 kpps'],
  [1000, '', '1k'],
])('%d in %s reads %s', (value, unit, text) => {
  expect(quantityText(value, unit)).toBe(text);
});

test.each([
  [57e6, 'pps', { divisor: 1e6, name: 'Mpps' }],
  [41_919, 'ns', { divisor: 1e3, name: 'us' }],
  [705e3, 'packets/J', { divisor: 1e3, name: 'k packets/J' }],
  [12, 'packets/J', { divisor: 1, name: 'packets/J' }],
  [0, 'pps', { divisor: 1, name: 'pps' }],
  [0.2, 'fraction', { divisor: 0.01, name: '%' }],
])('an axis up to %d %s', (max, unit, expected) => {
  expect(displayUnit(max, unit)).toEqual(expected);
});
