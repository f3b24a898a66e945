/** Okabe and Ito's colours, told apart by readers with any common colour blindness (jfly.uni-koeln.de/color). */
export const Palette = {
  blue: '#0072b2',
  vermillion: '#d55e00',
  green: '#009e73',
  orange: '#e69f00',
  sky: '#56b4e9',
  purple: '#cc79a7',
  black: '#000000',
} as const;

export const Ink = { text: '#1a1a1a', muted: '#5c5c5c', grid: '#e3e3e3', paper: '#ffffff' } as const;

/** The font that the package carries (`font.ts`), so that charts look the same on a machine without any. */
export const FONT_FAMILY = 'DejaVu Sans';

/** The same colour, thinner: for the fill of bars. */
export function translucent(color: string, alphaHex = '99'): string {
  return `${color}${alphaHex}`;
}
