import { PREAMBLE_AND_GAP_BYTES } from '../../core/dataplane/contract.js';
import type { FigureData, FigurePoint } from '../../results/figures/figure-data.js';
import { paperNumber } from '../../results/paper/reference.js';
import type { Answer, AnswerKind } from '../../results/report/report-row.js';
import type { Result } from '../../results/result.js';
import type { CardModel } from '../../sirius-card/model.js';
import type { PaperFindings } from './paper-trials.js';
import { table6Answers } from './table-6-answers.js';

/**
 * What our experiments give for the paper's numbers, and how each came about. A number whose experiment was invalid, found no limit or
 * was too small (`--quick`) has no answer.
 *
 * The kinds, honestly: what a person typed into the model is an *input*, also where a trial reads it back (card transit is a sum of the
 * model's stages). What follows from a number chosen to meet the paper is *fitted*: packets per second (`mpu.serviceNs`, the clock of a
 * power state, `memory.bandwidthGBps`) and connections per second (`arm`). The rest is *emergent*.
 */
export function paperAnswers(findings: PaperFindings, model: CardModel): Answer[] {
  return [
    ...modelAnswers(model),
    ...tableAnswers(findings),
    ...frameAnswers(findings),
    ...packetAnswers(findings, model),
    ...connectionAnswers(findings, model),
    ...latencyAnswers(findings, model),
    ...(findings.table6.isPaperSize ? [typed('fault-cps', findings.table6.rateCps)] : []),
    ...table6Answers(findings.table6),
    ...table6Answers(findings.table6Naive),
  ];
}

/** Figure 10a's highest count of flows at which the paper claims its full rate. */
const FULL_RATE_FLOWS_MAX = 16e6;
/** What "a modest decrease" is taken to be, at most. */
const MODEST_DECREASE = 0.15;
/** IEEE 802.3: seven bytes of preamble and the start-of-frame delimiter. */
const PREAMBLE_BYTES = 8;
/** State changes of one connection: its SYN and both FINs. */
const FINS_PER_CONNECTION = 2;

function modelAnswers({ ports, armCores, mpu, powerStates }: CardModel): Answer[] {
  const watts = powerStates.map((state) => state.watts);
  const [baseline = 0] = watts;
  const lowest = watts.at(-1) ?? baseline;
  const [, middle] = watts;
  return [
    typed('card-ports', ports.count),
    typed('port-rate', ports.rateGbps * 1e9),
    typed('hardware-cores-dsc-200', armCores),
    typed('mpu-clock', mpu.baselineClockGhz * 1e9),
    typed('card-power', baseline),
    typed('power-lowest', lowest),
    typed('power-saved', 1 - lowest / baseline),
    ...(middle === undefined || watts.length < 3 ? [] : [typed('power-middle', middle)]),
  ];
}

function tableAnswers({ table4 }: PaperFindings): Answer[] {
  return table4.rows.map(({ paperId, ours }) => typed(paperId, ours));
}

/** Packets and connections as the generator makes them. */
function frameAnswers({ lineRate, smallFrames }: PaperFindings): Answer[] {
  const { offered } = smallFrames.measured;
  return [
    typed('interframe-gap', PREAMBLE_AND_GAP_BYTES - PREAMBLE_BYTES),
    typed('preamble', PREAMBLE_BYTES),
    ...read(lineRate, 'input', {
      'packet-bytes': wireBits(lineRate) / 8 - PREAMBLE_AND_GAP_BYTES,
      'testbed-rate': lineRate.measured.offered.bps,
      'offered-pps': lineRate.measured.offered.pps,
    }),
    ...read(smallFrames, 'input', { 'connection-packets': offered.pps / offered.cps }),
  ];
}

function packetAnswers({ figures, lineRate }: PaperFindings, { powerStates }: CardModel): Answer[] {
  const baseline = lineOf(figures, 'figure-10a', `${powerStates[0]?.watts}`);
  const lowest = lineOf(figures, 'figure-10a', `${powerStates.at(-1)?.watts}`);
  const full = baseline.filter(({ x }) => x <= FULL_RATE_FLOWS_MAX).at(-1);
  const [first] = baseline;
  const last = baseline.at(-1);
  if (full === undefined || first === undefined || last === undefined) return [];
  const slow = lowest.find(({ x }) => x === full.x);
  const held = baseline.filter(({ y }) => y >= (1 - MODEST_DECREASE) * first.y).at(-1);
  return [
    ...['card-pps', 'pipeline-pps'].map((id) => fitted(id, full.y, full.runs)),
    fitted('card-pps-bps', full.y * wireBits(lineRate), full.runs),
    ...(slow === undefined
      ? []
      : [fitted('pps-lost-to-power', 1 - slow.y / full.y, [...full.runs, ...slow.runs])]),
    // A figure that stops short of the paper's count says nothing of it.
    ...(held === undefined || last.x < paperNumber('flows-highest').stated.value
      ? []
      : [fitted('flows-highest', held.x, held.runs)]),
  ];
}

function connectionAnswers(
  { search: { searches }, smallFrames }: PaperFindings,
  { powerStates }: CardModel,
): Answer[] {
  const limit = (ids: string[], watts: number | undefined): Answer[] => {
    const search = searches.find(({ powerWatts }) => powerWatts === watts);
    const [goal] = search?.goals ?? [];
    const rateCps = goal?.lowerBound;
    if (search === undefined || goal?.status !== 'regular' || rateCps === undefined) return [];
    const runs = search.trials.filter((trial) => trial.load === rateCps).map(({ runId }) => runId);
    return ids.map((id) => fitted(id, rateCps, runs));
  };
  const { connections, latencyNs } = smallFrames.measured;
  const changes = connections.established + FINS_PER_CONNECTION * connections.completed;
  return [
    ...limit(['pair-cps', 'card-cps'], powerStates[0]?.watts),
    ...limit(['pair-cps-52w'], powerStates.at(-1)?.watts),
    ...(changes === 0
      ? []
      : read(smallFrames, 'emergent', { 'state-changes': 1 + latencyNs.pingPong.count / changes })),
  ];
}

function latencyAnswers(
  { figures, smallFrames, largeFrames }: PaperFindings,
  { powerStates }: CardModel,
): Answer[] {
  const baseline = `${powerStates[0]?.watts}`;
  const stated = paperNumber('pair-cps').stated.value;
  const atLoad = lineOf(figures, 'figure-10c', `ping-pong-${baseline}`)
    .filter(({ x }) => x <= stated)
    .at(-1);
  const transit = (id: string, result: Result) =>
    result.measured.latencyNs.cardTransit.count === 0
      ? []
      : read(result, 'input', { [id]: result.measured.latencyNs.cardTransit.p50 });
  return [
    ...transit('card-transit-64', smallFrames),
    ...transit('card-transit-1500', largeFrames),
    ...(atLoad === undefined
      ? []
      : [{ id: 'ping-pong', ours: atLoad.y, kind: 'emergent' as const, runIds: atLoad.runs }]),
  ];
}

/** Typed in by a person, whether read from the model or from what was made of it. */
function typed(id: string, ours: number): Answer {
  return { id, ours, kind: 'input', runIds: [] };
}

function fitted(id: string, ours: number, runIds: string[]): Answer {
  return { id, ours, kind: 'fitted', runIds };
}

/** Read from one trial; an invalid one says nothing. */
function read({ id: runId, verdict }: Result, kind: AnswerKind, values: Record<string, number>): Answer[] {
  if (verdict === 'invalid') return [];
  return Object.entries(values).map(([id, ours]) => ({ id, ours, kind, runIds: [runId] }));
}

/** Bits of one packet on the wire, with gap and preamble. */
function wireBits({ measured: { offered } }: Result): number {
  return Math.round(offered.bps / offered.pps);
}

/** The points of one line of a figure, by x; none where there is no such figure or line. */
function lineOf(figures: readonly FigureData[], figureId: string, seriesId: string): FigurePoint[] {
  const panels = figures.find(({ id }) => id === figureId)?.panels ?? [];
  return panels.flatMap(({ series }) => series.find(({ id }) => id === seriesId)?.points ?? []);
}
