import { formatDurationNs, formatRate } from '../../core/units.js';
import { statedText } from '../../results/paper/deviation.js';
import { quantityText } from '../../results/paper/quantity.js';
import { paperNumber } from '../../results/paper/reference.js';
import { renderColumns } from '../columns.js';
import { eventNs, type Table6, type Table6Quantity, type Table6Row, type Table6Scenario } from './table-6.js';

const NAMES: Record<Table6Quantity, string> = {
  'flows-broken': 'flows broken',
  'broken-share': '  of those under way',
  lost: 'packets lost',
  'lost-at-cards': '  at cards',
  'lost-next-hop-down': '   next hop down',
  recovery: 'recovery, by loss',
  outage: 'outage, observed',
  'syn-again': 'SYNs sent again',
  'fin-again': 'FINs sent again',
};

const HEADS = ['', 'PAPER', 'OURS', 'LEAST TO MOST', 'DIFFERENCE'];

/** For people, in 80 columns. */
export function renderTable6(table: Table6): string {
  const { rateCps, durationNs, seeds, model, replication, scenarios } = table;
  const runs = seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`;
  const head = [
    "Table 6: state replication under faults, beside the paper's (virtual)",
    `${formatRate(rateCps, 'cps')}, ${formatDurationNs(durationNs)} with the event at ${formatDurationNs(eventNs(durationNs))}, ${runs}, model ${model}${replication ? '' : ', WITHOUT replication'}`,
  ].join('\n');
  return `${[head, ...scenarios.map(renderScenario), dashLines(table), notes(table)].join('\n\n')}\n`;
}

function renderScenario({ label, title, rows }: Table6Scenario): string {
  if (rows.length === 0) return `${label} ${title}: no valid run`;
  const table = renderColumns([HEADS, ...rows.map(cells)], { columns: Number.POSITIVE_INFINITY });
  return `${label} ${title}\n${table}`;
}

function cells({ quantity, unit, paperId, ours, low, high, isScaled, deviation }: Table6Row): string[] {
  return [
    `${NAMES[quantity]}${isScaled ? ' *' : ''}`,
    paperId === undefined ? '-' : bare(statedText(paperNumber(paperId))),
    bare(quantityText(ours, unit)),
    low === high ? '' : rangeText(low, high, unit),
    deviation === undefined ? '-' : bare(deviation.text),
  ];
}

/** In three digits, and with one unit where it is the same, so that the table fits a terminal. */
function rangeText(low: number, high: number, unit: string): string {
  const [from, to] = [low, high].map((value) => quantityText(Number(value.toPrecision(3)), unit)) as [
    string,
    string,
  ];
  const unitOf = (text: string) => /\D*$/.exec(text)?.[0] ?? '';
  const start = unitOf(from) === unitOf(to) ? from.slice(0, from.length - unitOf(from).length) : from;
  return `${bare(start)} to ${bare(to)}`;
}

/** Rows say what they count. */
function bare(text: string): string {
  return text.replace(/ flows$/, '');
}

function dashLines({ scenarios, measuredElsewhere }: Table6): string {
  const rows = scenarios.flatMap(({ label, bars }) =>
    bars.map(({ asked, got, isMet }) => `  ${label} ${asked}\n      ${isMet ? 'met' : 'NOT MET'}: ${got}`),
  );
  const others = measuredElsewhere.map(
    ({ asked, command }) => `  ${asked}\n      not measured here: ${command}`,
  );
  return `SONiC DASH asks\n${[...rows, ...others].join('\n')}`;
}

function notes({
  isPaperSize,
  isPaperLength,
  isScaled,
  replication,
  showsBroken,
  rateCps,
  durationNs,
  scenarios,
}: Table6): string {
  const lines = [
    'Times of noticing a fault and of writing routes are fitted to recovery; the rest',
    'emerges. Shares are of packets sent, or of connections started (what is sent',
    'again). OURS is the median over seeds; the paper gives means of three runs.',
  ];
  if (isScaled) {
    lines.push(
      `* DERIVED for 60 s as in the paper's runs: what these runs of ${formatDurationNs(durationNs)} lost, of`,
      'all that is sent in 60 s at their rate; nothing is lost but around the event.',
    );
  }
  if (!isPaperLength && replication) {
    lines.push(
      'Packets are lost outside of outages, or in one that may go on after the run:',
      `shares are of all that these runs of ${formatDurationNs(durationNs)} sent, and none stands beside the`,
      "paper's, whose runs were of 60 s.",
    );
  }
  const goOn = scenarios.filter(({ outageMayGoOn }) => outageMayGoOn).map(({ label }) => label);
  if (goOn.length > 0) {
    lines.push(
      `Packets were lost still when a run of ${goOn.join(' and ')} ended: recovery and outage are at`,
      'least what OURS says, and no DIFFERENCE is given. Longer runs may tell.',
    );
  }
  if (!isPaperSize && replication) {
    lines.push(
      `The paper's rate is 3 Mcps, and these runs' ${formatRate(rateCps, 'cps')}: a DIFFERENCE is given`,
      'for what does not hang on it, recovery and broken flows. Few packets are lost at',
      'cards, and at a low rate there may be none.',
    );
  }
  if (!replication) {
    lines.push(
      `Shares are of all that these runs of ${formatDurationNs(durationNs)} sent. The paper says of a pair without`,
      'replication which share of the flows under way breaks, and no more.',
    );
  }
  if (!showsBroken) {
    lines.push(
      'Connections that lost their way give up 5 s later: these runs end before,',
      'so they do not tell how many break.',
    );
  }
  return lines.join('\n');
}

export const TABLE6_CSV = 'table-6.csv';

const PAPER_DURATION_NS = paperNumber('fault-duration').stated.value * 1e9;

/** RFC 4180, a row per scenario and quantity, in base units. */
export function table6Csv({ scenarios, seeds, rateCps, durationNs, model, replication }: Table6): string {
  const heads =
    'table,model,replication,rate_cps,duration_ns,scenario,quantity,unit,paper,ours,ours_low,ours_high,derived_for_ns,runs,run_ids';
  const lines = scenarios.flatMap(({ name, rows, runIds }) =>
    rows.map(({ quantity, unit, paper, ours, low, high, isScaled }) =>
      [
        ...['6', model, replication ? 'on' : 'off', rateCps, durationNs, name, quantity, unit],
        ...[
          paper ?? '',
          ours,
          low,
          high,
          isScaled ? PAPER_DURATION_NS : '',
          `${runIds.length} of ${seeds.length}`,
          runIds.join(' '),
        ],
      ].join(','),
    ),
  );
  return [heads, ...lines, ''].join('\r\n');
}
