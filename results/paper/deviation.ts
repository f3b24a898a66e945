import type { PaperNumber, Stated } from './paper-number.js';
import { quantityText } from './quantity.js';

export interface Deviation {
  /** `(ours - paper) / paper`; from the nearer end of a range, 0 within it. Absent where the paper's number is 0. */
  ratio?: number;
  /** Whether "over", "less than" or "5x to 10x" is true of ours; absent where the paper states a value and no bound. */
  holds?: boolean;
  /** `+2.1%`, `holds (+10%)`, `does not hold (-4%)`, `equal`. */
  text: string;
}

/** What the paper says, in its own looseness: `over 50 Mpps`, `about 2.5 Mcps`, `5x to 10x`. */
export function statedText({ stated, unit }: Pick<PaperNumber, 'stated' | 'unit'>): string {
  const { bound, value, high = value } = stated;
  const text = quantityText(value, unit);
  return bound === 'between' ? `${text} to ${quantityText(high, unit)}` : `${BOUND_WORDS[bound]}${text}`;
}

/** How far ours is from the paper's number, and whether its bound holds. */
export function deviationOf({ stated, unit }: Pick<PaperNumber, 'stated' | 'unit'>, ours: number): Deviation {
  const nearest = stated.bound === 'between' ? clamp(ours, stated) : stated.value;
  const holds = holdsFor(stated, ours);
  const difference = ours - nearest;
  const ratio = nearest === 0 ? undefined : difference / nearest;
  const amount = ratio === undefined ? signed(difference, quantityText(difference, unit)) : percent(ratio);
  return {
    ...(ratio === undefined ? {} : { ratio }),
    ...(holds === undefined ? {} : { holds }),
    text: holds === undefined ? amount : `${holds ? 'holds' : 'does not hold'} (${amount})`,
  };
}

const BOUND_WORDS: Record<Exclude<Stated['bound'], 'between'>, string> = {
  exactly: '',
  about: 'about ',
  above: 'over ',
  below: 'under ',
  'up to': 'up to ',
};

/** "Up to 3M" is the highest that was reached, so it is compared as a value. */
function holdsFor({ bound, value, high = value }: Stated, ours: number): boolean | undefined {
  switch (bound) {
    case 'above':
      return ours > value;
    case 'below':
      return ours < value;
    case 'between':
      return ours >= value && ours <= high;
    default:
      return undefined;
  }
}

function clamp(ours: number, { value, high = value }: Stated): number {
  return Math.min(Math.max(ours, value), high);
}

function percent(ratio: number): string {
  const digits = Math.abs(ratio) < 0.0995 ? 2 : 3;
  const shown = Number((ratio * 100).toPrecision(digits));
  return Math.abs(shown) < 0.005 ? 'equal' : signed(shown, `${shown}%`);
}

function signed(value: number, text: string): string {
  return value === 0 ? 'equal' : `${value > 0 ? '+' : ''}${text}`;
}
