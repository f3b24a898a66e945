import { createCanvas, Image } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { exampleLatency, exampleMeasured, exampleResult } from '../fixture.js';
import type { Result } from '../result.js';
import { createPage } from './page.js';
import { Palette } from './palette.js';
import { RUN_CHART_WIDTH, renderRunChart } from './run-chart.js';
import { runHeader } from './run-header.js';

const NOTHING = exampleLatency({ count: 0, floorNs: 0, scaleNs: 0 });

test.each([
  ['virtual', Palette.blue],
  ['wall', Palette.vermillion],
] as const)('a run under the %s clock is one picture with its lines and its badge', async (clock, badge) => {
  const png = renderRunChart(exampleResult({ input: { ...exampleResult().input, clock } }));
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const { pixel, has, width } = await decode(png);
  expect(width).toBe(RUN_CHART_WIDTH);
  expect(pixel(RUN_CHART_WIDTH - 30, 25)).toBe(badge);
  expect(pixel(2, 2)).toBe('#ffffff');
  for (const line of [Palette.blue, Palette.vermillion, Palette.green, Palette.black, Palette.orange])
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

test('a run that lost nothing has no panel of losses', async () => {
  const lossy = exampleResult();
  const { packets, ...measured } = lossy.measured;
  const dropped = { total: 0, atCards: 0, byReason: {} };
  const clean = { ...lossy, measured: { ...measured, packets: { ...packets, dropped, lossRatio: 0 } } };
  const [with_, without] = await Promise.all([lossy, clean].map((result) => decode(renderRunChart(result))));
  expect(with_?.has(Palette.orange)).toBe(true);
  expect(without?.has(Palette.orange)).toBe(false);
  expect(without?.height).toBeLessThan(with_?.height ?? 0);
});

test('no reason is cut off: the header grows with what there is to say', () => {
  const heightOf = (reason: string) =>
    runHeader(exampleResult({ verdict: 'invalid', invalidReasons: [reason] }), { width: RUN_CHART_WIDTH })
      .height;
  expect(heightOf('one line')).toBeLessThan(heightOf('more words than fit on a line '.repeat(10)));
});

test('the header tells every setting, the verdict in full and the notes', () => {
  const reason = 'more words than fit on a line '.repeat(10).trim();
  const result = exampleResult({ verdict: 'invalid', invalidReasons: [reason] });
  result.measured.packets.dropped.byReason = { armNewFlowQueue: 1e6 };
  const texts: string[] = [];
  const page = createPage({ width: RUN_CHART_WIDTH, height: 400 });
  page.context.fillText = (text: string) => texts.push(text);
  runHeader(result, { width: RUN_CHART_WIDTH }).drawOn(page);
  const header = texts.join(' ');
  for (const part of ['3.00 Mcps', 'card://pair', '78 W', 'virtual clock', 'seed 1'])
    expect(header).toContain(part);
  for (const part of ['2.00 s', 'profile cps', 'acl table4', 'replication on'])
    expect(header).toContain(part);
  expect(header).toContain(`INVALID: ${reason}`);
  expect(header).toContain('OVERLOADED');
});

async function decode(png: Buffer) {
  const image = new Image();
  image.src = png;
  await image.decode();
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const offsetOf = new Map<number, number>();
  const pixels = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let offset = 0; offset < data.length; offset += 4) offsetOf.set(pixels.getUint32(offset), offset);
  const hex = (offset: number) => `#${Buffer.from(data.subarray(offset, offset + 3)).toString('hex')}`;
  const colors = new Set([...offsetOf.values()].map(hex));
  return {
    width: image.width,
    height: image.height,
    pixel: (x: number, y: number) => hex((y * image.width + x) * 4),
    has: (color: string) => colors.has(color),
  };
}

test.each([
  [0, 0],
  [1, 330],
  [2, 270],
  [3, 540],
  [40, 6 * 270],
])('%i events add small multiples', async (count, addedHeight) => {
  const timeline = {
    ...{ startNs: -1e5, binNs: 1e5 },
    ...{ sentPackets: [9, 9], deliveredPackets: [9, 5], lostPackets: [0, 4] },
  };
  const fault = {
    ...{ kind: 'cut', place: 'tor1-card1', atNs: 1e9, recoveryNs: 1, outageNs: 1, timeline },
    packetsLost: { total: 4, atCards: 0, byPlace: [] },
    flows: { underWay: 9, broken: 0, stalled: 4, recovered: 4 },
  };
  const result = exampleResult();
  const faults = Array.from({ length: count }, () => fault);
  const heightOf = async (run: Result) => (await decode(renderRunChart(run))).height;
  const height = await heightOf({ ...result, measured: { ...result.measured, faults } });
  expect(height - (await heightOf(result))).toBe(addedHeight);
});
