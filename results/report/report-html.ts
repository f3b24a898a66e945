import { Marked, type Tokens } from 'marked';
import { escapeXml as escapeHtml } from '../charts/figure-svg.js';
import { figureAlt, type Report, reportMarkdown } from './report-markdown.js';
import { REPORT_STYLE } from './report-style.js';

/**
 * The report as one HTML file that needs no other: its pictures are within it.
 * @param pictures the PNG of each figure of the report, by its path.
 */
export function reportHtml(report: Report, pictures: ReadonlyMap<string, Uint8Array>): string {
  const body = converter(report, pictures).parse(reportMarkdown(report), { async: false });
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(report.title)}</title>`,
    `<style>${REPORT_STYLE}</style>`,
    '</head>',
    `<body><main>${body}</main></body>`,
    '</html>',
    '',
  ].join('\n');
}

function converter({ figures }: Report, pictures: ReadonlyMap<string, Uint8Array>): Marked {
  return new Marked({
    gfm: true,
    renderer: {
      image({ href }: Tokens.Image): string {
        const figure = figures.find(({ png }) => encodeURI(png) === href);
        const png = pictures.get(figure?.png ?? '');
        if (figure === undefined || png === undefined) throw new Error(`the report has no picture ${href}`);
        const alt = escapeHtml(figureAlt(figure));
        return `<img alt="${alt}" src="data:image/png;base64,${Buffer.from(png).toString('base64')}">`;
      },
      table(token: Tokens.Table): string {
        const heads = token.header.map(({ tokens }) => this.parser.parseInline(tokens));
        const head = heads.map((text) => `<th scope="col">${text}</th>`).join('');
        const rows = token.rows.map((row) => {
          // A narrow screen shows a row as a list, each cell under its own name.
          const cells = row.map(
            ({ tokens }, column) =>
              `<td data-head="${heads[column] ?? ''}">${this.parser.parseInline(tokens)}</td>`,
          );
          return `<tr>${cells.join('')}</tr>`;
        });
        return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table>\n`;
      },
    },
  });
}
