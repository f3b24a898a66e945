import { createCanvas, Image } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { exampleLatency, exampleMeasured, exampleResult } from '../fixture.js';
import type { Result } from '../result.js';
import { Palette } from './palette.js';
import { RUN_CHART_HEIGHT, RUN_CHART_WIDTH, renderRunChart } from './run-chart.js';

const NOTHING = exampleLatency({ count: 0, floorNs: 0, scaleNs: 0 });

test.each([
  ['virtual', Palette.blue],
  ['wall', Palette.vermillion],
] as const)('a run under the %s clock is one picture with its lines and its badge', async (clock, badge) => {
  const png = renderRunChart(exampleResult({ input: { ...exampleResult().input, clock } }));
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const { pixel, has, width, height } = await decode(png);
  expect([width, height]).toEqual([RUN_CHART_WIDTH, RUN_CHART_HEIGHT]);
  expect(pixel(RUN_CHART_WIDTH - 30, 25)).toBe(badge);
  expect(pixel(2, 2)).toBe('#ffffff');
  for (const line of [Palette.blue, Palette.vermillion, Palette.green, Palette.black])
    expect(has(line)).toBe(true);
});

test('the same run gives the same bytes', () => {
  expect(Buffer.compare(renderRunChart(exampleResult()), renderRunChart(exampleResult()))).toBe(0);
});

test('a run that measured nothing still has a picture', async () => {
  const measured = {
    ...exampleMeasured(),
    durationNs: 0,
    latencyNs: { synToSynAck: NOTHING, pingPong: NOTHING, cardTransit: NOTHING },
    series: {
      intervalNs: 1e8,
      offeredConnections: [],
      completedConnections: [],
      lostPackets: [],
      sentPackets: [],
    },
  };
  const invalidReasons = ['a reason that is far too long for the width of the picture '.repeat(8)];
  const result: Result = {
    ...exampleResult({ verdict: 'invalid', invalidReasons, interrupted: true }),
    measured,
  };
  const { has } = await decode(renderRunChart(result));
  expect(has(Palette.vermillion)).toBe(true);
});

async function decode(png: Buffer) {
  const image = new Image();
  image.src = png;
  await image.decode();
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const colors = new Set<string>();
  for (let offset = 0; offset < data.length; offset += 4) colors.add(hex(offset));
  function hex(offset: number): string {
    return `#${Buffer.from(data.subarray(offset, offset + 3)).toString('hex')}`;
  }
  return {
    width: image.width,
    height: image.height,
    pixel: (x: number, y: number) => hex((y * image.width + x) * 4),
    has: (color: string) => colors.has(color),
  };
}
