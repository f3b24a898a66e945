import { createCanvas, Image } from '@napi-rs/canvas';
import { describe, expect, test } from 'vitest';
import type { FigureData } from '../figures/figure-data.js';
import { exampleFigure10a, exampleFigure10b, exampleFigures, examplePower } from '../figures/fixture.js';
import { figurePng, figureSvg, footerText } from './figure-picture.js';
import { Palette } from './palette.js';

describe('the PNG', () => {
  test.each(exampleFigures().map((figure) => [figure.id, figure] as const))(
    '%s has its colours and its badge, and the same bytes twice',
    async (_, figure) => {
      const png = figurePng(figure);
      const { width, colors } = await decode(png);
      expect(width).toBe(figure.panels.length === 1 ? 2000 : 2400);
      for (const color of [Palette.blue, Palette.vermillion, '#ffffff']) expect(colors.has(color)).toBe(true);
      expect(Buffer.compare(png, figurePng(figure))).toBe(0);
    },
  );

  test('a figure without a point still has axes', async () => {
    const { colors } = await decode(figurePng(withoutPoints(exampleFigure10b())));
    expect(colors.has('#e3e3e3')).toBe(true);
  });
});

describe('the SVG', () => {
  test('holds its text as text, with fonts to fall back on', () => {
    const svg = figureSvg(examplePower());
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map((match) => match[1]?.trim());
    for (const text of ['Power states side by side', 'packets per joule', 'about 2.5 Mcps', 'virtual'])
      expect(texts).toContain(text);
    expect(svg).toContain('font-family="DejaVu Sans, Verdana, Geneva, sans-serif"');
    expect(svg).not.toContain('font-family="DejaVu Sans"');
    expect(svg).toContain('<title>Power states side by side</title>');
  });

  test('names nothing twice and refers to nothing that is not there', () => {
    const svg = figureSvg(examplePower());
    const names = [...svg.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]);
    const uses = [...svg.matchAll(/url\(#([^)]+)\)|href="#([^"]+)"/g)].map((match) => match[1] ?? match[2]);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    expect(uses.filter((use) => !names.includes(use))).toEqual([]);
  });

  test('takes signs of markup as text', () => {
    const svg = figureSvg({ ...exampleFigure10a(), title: 'a < b & "c" <script>' });
    expect(svg).toContain('<title>a &lt; b &amp; &quot;c&quot; &lt;script&gt;</title>');
    expect(svg).not.toContain('<script');
  });
});

test.each<[string, FigureData, string]>([
  [
    'five seeds',
    exampleFigure10a(),
    'median of 5 seeds; error bars: least and greatest; the paper: Bansal et al., NSDI 2023',
  ],
  ['one seed', withRuns(exampleFigure10a(), ['a']), 'one run each; the paper: Bansal et al., NSDI 2023'],
  ['nothing', withoutPoints(exampleFigure10a()), 'nothing was run; the paper: Bansal et al., NSDI 2023'],
])('of %s the foot tells what a point is', (_, figure, text) => {
  expect(footerText(figure)).toBe(text);
});

function withoutPoints(figure: FigureData): FigureData {
  return mapPoints(figure, () => []);
}

function withRuns(figure: FigureData, runs: string[]): FigureData {
  return mapPoints(figure, (points) => points.map((point) => ({ ...point, runs })));
}

type Points = FigureData['panels'][number]['series'][number]['points'];

function mapPoints(figure: FigureData, map: (points: Points) => Points): FigureData {
  const panels = figure.panels.map((panel) => ({
    ...panel,
    series: panel.series.map((series) => ({ ...series, points: map(series.points) })),
  }));
  return { ...figure, panels };
}

async function decode(png: Buffer): Promise<{ width: number; colors: Set<string> }> {
  const image = new Image();
  image.src = png;
  await image.decode();
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const pixels = new Set(new Uint32Array(data.buffer));
  const hex = (pixel: number) =>
    `#${[pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return { width: image.width, colors: new Set([...pixels].map(hex)) };
}
