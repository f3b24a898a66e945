/** A space between a number and its unit: `2.00 s`, `78 W`, `3.00 Mcps`, `64 B`. No line ends there. */
const BEFORE_UNIT = /(?<=\d) (?=(?:[num]?s|W|[kMGT]?(?:cps|pps|bps)|(?:[kMGT]i?)?B)(?!\w))/g;
const GLUE = '\u00a0';

/** Breaks text at spaces into lines of at most `columns` characters; a longer word stands alone, and a number stays with its unit. */
export function wrap(text: string, columns: number): string[] {
  return wrapWithin(text, (line) => line.length <= columns);
}

/** The same for lines that are drawn: `isWithin` says whether one fits. */
export function wrapWithin(text: string, isWithin: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(BEFORE_UNIT, GLUE).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && !isWithin(longer)) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((one) => one.replaceAll(GLUE, ' '));
}
