import { expect, test } from 'vitest';
import { exampleMeasured } from './fixture.js';
import { hashMeasured, sealMeasured } from './measured-hash.js';

test('the hash does not depend on the order of keys, on itself, or on the run', () => {
  const measured = exampleMeasured();
  const reversed = Object.fromEntries(Object.entries(measured).reverse()) as unknown as typeof measured;
  expect(hashMeasured(reversed)).toBe(measured.hash);
  expect(sealMeasured({ ...measured }).hash).toBe(measured.hash);
  expect(sealMeasured(measured)).toEqual(measured);
  expect(measured.hash).toBe(exampleMeasured().hash);
});

test('the hash is the SHA-256 of the canonical JSON', () => {
  // echo -n '{"a":1,"b":[true,"x"]}' | sha256sum
  const measured = { b: [true, 'x'], a: 1 } as unknown as Parameters<typeof hashMeasured>[0];
  expect(hashMeasured(measured)).toBe('63e8063d9dc6f0fd5a24b4706818a165fd57c3531b74466cf5dea62bff09b0b6');
});

test('any changed figure changes the hash', () => {
  const measured = exampleMeasured();
  const { packets, generator } = measured;
  expect(hashMeasured({ ...measured, packets: { ...packets, sent: packets.sent + 1 } })).not.toBe(
    measured.hash,
  );
  expect(hashMeasured({ ...measured, generator: { ...generator, unsent: 1 } })).not.toBe(measured.hash);
});

test('a figure that is no number has no hash', () => {
  expect(() => hashMeasured({ ...exampleMeasured(), durationNs: Number.NaN })).toThrow('NaN');
});
