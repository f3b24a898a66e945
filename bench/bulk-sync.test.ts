import { expect, test } from 'vitest';
import { loadModel } from '../sirius-card/model.js';
import { measureBulkSync } from './bulk-sync.js';

const model = loadModel('dsc-200');

test('every connection is there in the end, at the pace of the model', () => {
  const { records, bytes, tookNs } = measureBulkSync(model, 200_000);
  expect(records).toBe(200_000);
  // 24 bytes a record, in frames of at most 60 of them.
  expect(bytes / 200_000).toBeGreaterThan(24);
  expect(bytes / 200_000).toBeLessThan(26);
  const paceNs = (200_000 / 60) * model.exchange.bulkIntervalNs;
  expect(tookNs).toBeGreaterThan(paceNs);
  expect(tookNs).toBeLessThan(1.5 * paceNs);
});

test('half the pace takes twice the time', () => {
  const slow = {
    ...model,
    exchange: { ...model.exchange, bulkIntervalNs: model.exchange.bulkIntervalNs * 2 },
  };
  const ratio = measureBulkSync(slow, 200_000).tookNs / measureBulkSync(model, 200_000).tookNs;
  expect(ratio).toBeGreaterThan(1.8);
  expect(ratio).toBeLessThan(2.2);
});
