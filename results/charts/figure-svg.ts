import type { Area } from './page.js';
import { FONT_FAMILY } from './palette.js';

export interface NestedSvg {
  area: Area;
  /** A whole SVG document. */
  svg: string;
}

/** What a viewer takes that lacks our font; letters keep their places, since each has its own. */
const FALLBACK_FONTS = 'Verdana, Geneva, sans-serif';

/** Several SVG documents as one, each in its area, over a background. */
export function nestSvgs(
  parts: readonly NestedSvg[],
  { width, height, title, background }: { width: number; height: number; title: string; background: string },
): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="${background}"/>`,
    ...parts.map(({ svg, area }, place) => {
      const { x, y } = area;
      return `<g transform="translate(${x} ${y})">${bodyOf(svg, `p${place}-`)}</g>`;
    }),
    '</svg>',
    '',
  ].join('\n');
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** What stands within the document's element; names are made unique, since all parts number theirs from one. */
function bodyOf(svg: string, prefix: string): string {
  const start = svg.indexOf('>', svg.indexOf('<svg')) + 1;
  return svg
    .slice(start, svg.lastIndexOf('</svg>'))
    .replace(/\bid="/g, `id="${prefix}`)
    .replace(/url\(#/g, `url(#${prefix}`)
    .replace(/xlink:href="#/g, `xlink:href="#${prefix}`)
    .replaceAll(`font-family="${FONT_FAMILY}"`, `font-family="${FONT_FAMILY}, ${FALLBACK_FONTS}"`);
}
