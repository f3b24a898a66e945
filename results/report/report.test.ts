import { describe, expect, test } from 'vitest';
import { PAPER_NUMBERS } from '../paper/reference.js';
import { EXAMPLE_ANSWERS, exampleReport } from './fixture.js';
import { reportHtml } from './report-html.js';
import { reportMarkdown } from './report-markdown.js';
import { type Answer, reportRows } from './report-row.js';

const HOSTILE = '<script>alert(1)</script> | *a* [b](javascript:c) `d`';

describe('rows', () => {
  const rows = reportRows(EXAMPLE_ANSWERS, { built: ['figure-10a', 'power'] });
  const kindOf = (id: string) => rows.find(({ number }) => number.id === id)?.kind;

  test('there is one for every number of the paper, answered or not', () => {
    expect(rows.map(({ number }) => number.id)).toEqual(PAPER_NUMBERS.map(({ id }) => id));
    expect(rows.filter(({ ours }) => ours !== undefined)).toHaveLength(EXAMPLE_ANSWERS.length);
  });

  test.each([
    ['card-pps', 'fitted'],
    ['offered-pps', 'not run'],
    ['fault-switchover-recovery', 'not built yet'],
    ['accelnet-rtt', 'not ours to measure'],
  ])('%s is %s', (id, kind) => {
    expect(kindOf(id)).toBe(kind);
  });

  test.each<[string, Answer[], string]>([
    ['an unknown number', [{ id: 'x', ours: 1, kind: 'input', runIds: [] }], 'called x'],
    ['two answers', [...EXAMPLE_ANSWERS, ...EXAMPLE_ANSWERS], 'one answer'],
  ])('%s is refused', (_, answers, message) => {
    expect(() => reportRows(answers, { built: [] })).toThrow(message);
  });
});

describe('the Markdown', () => {
  test('is the golden one', async () => {
    await expect(reportMarkdown(exampleReport())).toMatchFileSnapshot('../golden/report.md');
  });

  test('has every number of the paper in one table row', () => {
    const rows = reportMarkdown(exampleReport())
      .split('\n')
      .filter((line) => /^\| (section|Table|Figure|footnote|appendix) /.test(line));
    expect(rows).toHaveLength(PAPER_NUMBERS.length);
  });

  test('says so when nothing was compared', () => {
    const markdown = reportMarkdown({ ...exampleReport(), rows: reportRows([], { built: [] }), figures: [] });
    expect(markdown).toContain('None was compared in this report.');
    expect(markdown).not.toContain('## Runs');
    expect(markdown).not.toContain('## Figures');
  });
});

describe('the HTML', () => {
  const pictures = new Map(exampleReport().figures.map(({ png }) => [png, Buffer.from(png)]));

  test('needs no other file', () => {
    const html = reportHtml(exampleReport(), pictures);
    const sources = [...html.matchAll(/src="([^"]*)"/g)].map((match) => match[1]);
    expect(sources).toHaveLength(5);
    expect(sources.every((source) => source?.startsWith('data:image/png;base64,'))).toBe(true);
    expect(html).not.toMatch(/<link|<script|@import|url\(/);
  });

  test('names the column in each cell, for a narrow screen', () => {
    const html = reportHtml(exampleReport(), pictures);
    expect(html).toContain('<td data-head="deviation">does not hold (+10.8%)</td>');
    expect(html.match(/<td/g)?.length).toBe(html.match(/<td data-head="[a-z]+"/g)?.length);
  });

  test('takes what it is given as text', () => {
    const report = exampleReport();
    const [figure] = report.figures;
    const [row] = report.rows;
    if (figure === undefined || row === undefined) throw new Error('the report holds something');
    const html = reportHtml(
      {
        ...report,
        title: HOSTILE,
        settings: [HOSTILE],
        rows: [{ ...row, number: { ...row.number, quantity: HOSTILE } }],
        figures: [{ ...figure, data: { ...figure.data, title: HOSTILE, subtitle: `"${HOSTILE}` } }],
      },
      pictures,
    );
    expect(html).not.toMatch(/<script|href="javascript|<em>a<|<code>d</);
    expect(html.match(/<td/g)).toHaveLength(3);
    expect(html.match(/alt="[^"]*"/g)).toHaveLength(1);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; | *a* [b](javascript:c) `d`');
  });

  test('a figure without its picture is a slip of ours', () => {
    expect(() => reportHtml(exampleReport(), new Map())).toThrow('figure-10a.png');
  });
});
