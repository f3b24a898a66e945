import { wrapWithin } from '../../core/wrap.js';
import { type Provenance, provenanceOf, type Result } from '../result.js';
import { runNotes } from '../run-notes.js';
import { runSettings, runTitle, runVerdict } from '../run-title.js';
import { createPage, type Page } from './page.js';
import { FONT_FAMILY, Ink, Palette } from './palette.js';

const MARGIN = 20;
const DOT = '  \u00b7  ';
const TITLE_BASELINE = 34;
const LINE_HEIGHT = 21;
const TITLE_FONT = `bold 20px "${FONT_FAMILY}"`;
const TEXT_FONT = `14px "${FONT_FAMILY}"`;
const BADGE = { width: 132, height: 34, radius: 6 } as const;
/** Virtual and measured figures must not be mistaken for each other, in colour or in print. */
const BADGE_COLORS: Record<Provenance, string> = { virtual: Palette.blue, measured: Palette.vermillion };

export interface RunHeader {
  /** As many lines as the run has to say; nothing is cut off. */
  height: number;
  drawOn(page: Page): void;
}

interface HeaderLine {
  text: string;
  color: string;
}

/** Which run it is, with all its settings, whether its figures may be used, and what to know before reading them. */
export function runHeader(result: Result, { width }: { width: number }): RunHeader {
  const textWidth = width - BADGE.width - 3 * MARGIN;
  const { context } = createPage({ width: 1, height: 1 });
  context.font = TEXT_FONT;
  const isWithin = (text: string) => context.measureText(text).width <= textWidth;
  const verdictColor = result.verdict === 'valid' ? Ink.muted : Palette.vermillion;
  const lines: HeaderLine[] = [
    ...wrapped(runSettings(result), Ink.text, isWithin),
    ...wrapped(`${result.id}${DOT}${runVerdict(result)}`, verdictColor, isWithin),
    ...runNotes(result).flatMap(({ text }) => wrapped(text, Palette.vermillion, isWithin)),
  ];
  return {
    height: TITLE_BASELINE + lines.length * LINE_HEIGHT + MARGIN,
    drawOn: ({ context }) => {
      drawTitle(context, runTitle(result, DOT), textWidth);
      context.font = TEXT_FONT;
      for (const [index, { text, color }] of lines.entries()) {
        context.fillStyle = color;
        context.fillText(text, MARGIN, TITLE_BASELINE + (index + 1) * LINE_HEIGHT + 3);
      }
      drawBadge(context, provenanceOf(result), width);
    },
  };
}

function wrapped(text: string, color: string, isWithin: (text: string) => boolean): HeaderLine[] {
  return wrapWithin(text, isWithin).map((line) => ({ text: line, color }));
}

type Context = Page['context'];

function drawTitle(context: Context, title: string, textWidth: number): void {
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  context.fillStyle = Ink.text;
  context.font = TITLE_FONT;
  context.fillText(title, MARGIN, TITLE_BASELINE, textWidth);
}

function drawBadge(context: Context, provenance: Provenance, width: number): void {
  const left = width - MARGIN - BADGE.width;
  context.fillStyle = BADGE_COLORS[provenance];
  context.beginPath();
  context.roundRect(left, 18, BADGE.width, BADGE.height, BADGE.radius);
  context.fill();
  context.fillStyle = Ink.paper;
  context.font = `bold 16px "${FONT_FAMILY}"`;
  context.textAlign = 'center';
  context.fillText(provenance, left + BADGE.width / 2, 41);
}
