/** Of the HTML report: light and dark by the reader's setting, a table's rows as lists where the screen is narrow. */
export const REPORT_STYLE = `
:root { --text: #1a1a1a; --muted: #5c5c5c; --paper: #ffffff; --line: #d9d9d9; --stripe: #f5f5f5; --link: #0060a0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --muted: #a8a8a8; --paper: #16181b; --line: #3a3d42; --stripe: #1e2125; --link: #7cc0f5; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--text); font: 16px/1.5 "DejaVu Sans", Verdana, system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 12px; }
h2 { font-size: 1.3rem; margin: 48px 0 12px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
h3 { font-size: 1.05rem; margin: 28px 0 8px; }
a { color: var(--link); }
img { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; background: #ffffff; }
code { font: 0.85em "DejaVu Sans Mono", ui-monospace, monospace; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; }
td:first-child, td:last-child { white-space: nowrap; }
tbody tr:nth-child(even) { background: var(--stripe); }
@media (max-width: 720px) {
  main { padding: 16px 14px 48px; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; width: 100%; }
  tr { padding: 8px; border-bottom: 1px solid var(--line); }
  td { display: flex; gap: 12px; padding: 1px 0; border: 0; }
  td:empty { display: none; }
  td:first-child, td:last-child { white-space: normal; }
  p:has(> img) { overflow-x: auto; }
  p > img { min-width: 640px; }
  td::before { content: attr(data-head); flex: 0 0 6.5em; color: var(--muted); }
}
@media print { h2, h3 { break-after: avoid; } img, tr { break-inside: avoid; } }
`;
