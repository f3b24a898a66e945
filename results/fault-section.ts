import { formatBytes, formatDurationNs } from '../core/units.js';
import { wrap } from '../core/wrap.js';
import { whole } from './figure-text.js';
import type { BrokenConnection, CopyNotes, EndpointNotes, FaultOutcome, Measured, Result } from './result.js';

/** What each event of a run did, where packets were lost, what clients and servers saw of it, and how copies were kept: in 80 columns. */
export function faultLines({ input, measured }: Pick<Result, 'input' | 'measured'>): string[] {
  const { connections, packets, faults = [] } = measured;
  return [
    ...faults.flatMap(renderEvent),
    '',
    ...places(faults),
    `lost in all        ${percent(packets.dropped.total, packets.sent)} of packets, at cards ${percent(packets.dropped.atCards, packets.sent)}`,
    `sent again         ${perHundred(connections.retransmitted.syn, connections.attempted)} SYNs and ${perHundred(connections.retransmitted.fin, connections.attempted)} FINs per 100 connections`,
    `connections broken ${whole(connections.broken.total)} of ${whole(connections.attempted)}${causes(connections)}`,
    ...endpointLines(measured.endpoints),
    ...copyLines(measured.copies, input.replication !== false),
  ];
}

/** What happened, what was lost until the next event, and what became of those that lost it, by the end of the run. */
function renderEvent({
  kind,
  place,
  atNs,
  packetsLost,
  recoveryNs,
  outageNs,
  outageMayGoOn,
  flows,
}: FaultOutcome): string[] {
  const { broken, stalled, recovered } = flows;
  const lost = packetsLost.total === 0 ? [] : lossTexts({ packetsLost, recoveryNs, outageNs, outageMayGoOn });
  const flowLines = broken + stalled + recovered === 0 ? [] : [flowText(flows)];
  const said = [...lost, ...flowLines];
  return [
    [`${(atNs / 1e9).toFixed(3)} s`, `${kind} ${place}`],
    ...(said.length === 0 ? ['nothing lost, nothing stalled'] : said).map((line) => ['', line]),
  ].map(([when = '', what = '']) => wrapped(when.padEnd(AT_COLUMNS), what));
}

type OutageFigures = Pick<FaultOutcome, 'packetsLost' | 'recoveryNs' | 'outageNs'> & {
  outageMayGoOn: true | undefined;
};

function lossTexts({
  packetsLost: { total, atCards, inOutage = total },
  recoveryNs,
  outageNs,
  outageMayGoOn,
}: OutageFigures): string[] {
  const lost = `${packets(total)} lost (${whole(atCards)} at cards)`;
  if (inOutage === 0) return [`${lost}, none in an outage: denied, or of who waits since an earlier event`];
  return [
    `${lost}, recovery ${formatDurationNs(recoveryNs)}, outage ${formatDurationNs(outageNs)}${outageMayGoOn ? ', both at least: the run ended in it' : ''}`,
    ...(inOutage === total
      ? []
      : [`${whole(inOutage)} of them in the outage, from which recovery is derived`]),
  ];
}

/** Of the connections that lost a packet after the event. */
function flowText({ broken, brokenOfStalled = broken, stalled, recovered }: FaultOutcome['flows']): string {
  const waiting = stalled - recovered - brokenOfStalled;
  const still = waiting > 0 ? `, ${whole(waiting)} waited still at the end` : '';
  return `${counted(stalled, 'connection')} stalled, ${whole(recovered)} went on again, ${whole(broken)} broke${still}`;
}

/** Of packets, of which a connection may send several: no share of the connections. */
function perHundred(count: number, connections: number): string {
  return percent(count, connections).replace('%', '');
}

function packets(count: number): string {
  return counted(count, 'packet');
}

/** `1 packet`, `2 packets`. */
function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const COLUMNS = 80;
const AT_COLUMNS = 10;

/** A line of 80 columns at most, which goes on below itself. */
function wrapped(head: string, text: string): string {
  return `${head}${wrap(text, COLUMNS - head.length).join(`\n${' '.repeat(head.length)}`)}`;
}

function causes({ broken }: Measured['connections']): string {
  if (broken.total === 0) return '';
  return `: ${whole(broken.reset)} reset, ${whole(broken.timeout)} timed out`;
}

/** Also said when nothing changed: a switchover within a pair costs neither a copy nor a card. */
function copyLines(notes: CopyNotes | undefined, replicates: boolean): string[] {
  if (notes === undefined) return [];
  const { oneCopyNs, fewerCardsNs, allocatable, bulk } = notes;
  return [
    `one copy only      ${replicates ? oneCopyText(oneCopyNs) : 'all the time: without replication there is no other'}`,
    wrapped('cards to allocate  ', allocatableText(allocatable, fewerCardsNs)),
    ...bulk.map(({ from, to, fnicCount, beganNs, tookNs, records, bytes }) => {
      const took = tookNs === undefined ? 'not ended' : `in ${formatDurationNs(tookNs)}`;
      const what = `${from} to ${to}, ${counted(fnicCount, 'fNIC')}: ${counted(records, 'connection')}, ${formatBytes(bytes)}, ${took}`;
      return wrapped('copied             ', `${(beganNs / 1e9).toFixed(3)} s ${what}`);
    }),
  ];
}

function oneCopyText(oneCopyNs: number): string {
  return oneCopyNs === 0
    ? 'never, for all that the cards heard'
    : `for ${formatDurationNs(oneCopyNs)}, of some fNIC's connections`;
}

/** As the controller has it: whether an appliance can take more fNICs (section 3.2). */
function allocatableText(changes: CopyNotes['allocatable'], fewerCardsNs: number): string {
  if (changes.length === 0) return 'all of them, all the time, for all that the controller heard';
  const steps = changes.map(({ cards, atNs }) => `${cards} from ${(atNs / 1e9).toFixed(3)} s on`);
  return `${steps.join(', ')}: fewer than all for ${formatDurationNs(fewerCardsNs)}`;
}

/** The first broken connections that are printed; the result has more. */
const BROKEN_SHOWN_MAX = 3;

function endpointLines(notes: EndpointNotes | undefined): string[] {
  if (notes === undefined) return [];
  const { stallNs, duplicatedPackets, reorderedPackets, broken, brokenByFnic } = notes;
  const { p50, p99, max } = stallNs;
  const stalls =
    stallNs.count === 0 ? 'none' : `${[p50, p99, max].map(formatDurationNs).join(', ')} (p50, p99, longest)`;
  const fnics = brokenByFnic.flatMap((count, fnic) => (count > 0 ? [`${fnic}: ${whole(count)}`] : []));
  return [
    ...(fnics.length > 0 ? [wrapped('  by fNIC          ', fnics.join(', '))] : []),
    ...broken.slice(0, BROKEN_SHOWN_MAX).map(brokenLine),
    `stalls that ended  ${stalls}`,
    `order              ${packets(duplicatedPackets)} came twice, ${whole(reorderedPackets)} out of order`,
  ];
}

function brokenLine({ atNs, client, server, clientState, serverState, cause }: BrokenConnection): string {
  return `  at ${formatDurationNs(atNs)}, ${client} to ${server}: ${cause}, ${clientState}/${serverState}`;
}

/** As Table 6 parts them: what a card could not send, its next hop being down, is lost at cards; what a ToR could not send to a card is not. */
function places(faults: readonly FaultOutcome[]): string[] {
  const counts = new Map<string, number>();
  for (const { place, reason, count } of faults.flatMap(({ packetsLost }) => packetsLost.byPlace)) {
    const line = `${placeText(place)} ${reason}`;
    counts.set(line, (counts.get(line) ?? 0) + count);
  }
  const linesOf = (isAtCards: boolean) =>
    [...counts].filter(([line]) => line.startsWith('card') === isAtCards).map(lossLine);
  return [linesOf(false), linesOf(true)].flatMap((lines, index) =>
    lines.length === 0 ? [] : [`lost ${index === 0 ? 'in the network' : 'at cards'}`, ...lines],
  );
}

/** Links are named by both ends, the sender first; the sender loses what it can't send. */
function placeText(place: string): string {
  const [sender, receiver] = place.split('-');
  return receiver === undefined ? place : `${sender}, port to ${receiver}`;
}

function lossLine([line, count]: [string, number]): string {
  return `  ${line.padEnd(28)} ${packets(count)}`;
}

/** With four figures: the losses of a good failover are thousandths of a per cent. */
function percent(part: number, all: number): string {
  if (all === 0 || part === 0) return '0%';
  return `${Number(((part / all) * 100).toPrecision(4)).toString()}%`;
}
