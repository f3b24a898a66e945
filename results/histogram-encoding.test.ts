import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { encodeHistogram, zlibStored } from './histogram-encoding.js';

test('stored blocks inflate to what went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(new Uint8Array(inflateSync(zlibStored(bytes)))).toEqual(bytes);
    }),
  );
});

test.each([0, 1, 65_534, 65_535, 65_536, 200_000])('%i bytes take the blocks they need', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
  expect(Buffer.compare(inflateSync(zlibStored(bytes)), bytes)).toBe(0);
});

test('the encoding is one fixed text, whatever zlib is linked', () => {
  expect(encodeHistogram(recorded([1, 1000, 25_000, 25_000]))).toBe(
    'HISTFAAAADt4AQEwAM//HISTEwAAAAgAAAABAAAAAwAAAAAAAAABAAAAF0h26AAAAAAAAAAAAQACyw8C4UgEZk4FHQ==',
  );
});

test('the library reads it back as it reads its own', () => {
  const histogram = recorded([0, 7, 25_000, 1e9]);
  const ours = decodeFromCompressedBase64(encodeHistogram(histogram), 64);
  const theirs = decodeFromCompressedBase64(encodeIntoCompressedBase64(histogram), 64);
  expect(ours.outputPercentileDistribution()).toBe(theirs.outputPercentileDistribution());
});

function recorded(values: number[]) {
  const histogram = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 100e9,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (const value of values) histogram.recordValue(value);
  return histogram;
}
