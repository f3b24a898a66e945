import type { Random } from '../core/random.js';
import { type Attachment, type Port, picoseconds, type Testbed } from '../core/testbed.js';
import { type BackgroundFlows, type BackgroundTraffic, createBackground } from './background.js';
import { type BrokenReading, readBroken } from './broken-connections.js';
import { unansweredLifeNs } from './connection-life.js';
import {
  Arrivals,
  CONNECTION_COUNT_MAX,
  Encapsulation,
  GENERATOR_COUNTER_COUNT,
  GeneratorCounter,
} from './dataplane/generator-layout.js';
import { OUTER_BYTES } from './outer-bytes.js';
import type { TrafficProfile } from './profile.js';

const SIDE_CLIENT = 0;
const SIDE_SERVER = 1;
/** Connection records beyond what the rate and the time-out ask for. */
const SPARE_CONNECTIONS = 65_536;
const CLIENT_INNER_MAC = 0x0200_0a00_0001n;
const SERVER_INNER_MAC = 0x0200_0a00_0002n;
const NANOSECONDS_PER_SECOND = 1e9;

/** The least rate that can be offered: the data plane counts in thousandths of a connection per second. */
export const RATE_CPS_MIN = 0.001;

export interface TcpGeneratorOptions {
  profile: TrafficProfile;
  durationNs: number;
  random: Random;
  /** Flows beside the connections, which start at time 0; the connections start when they are learned. */
  background?: BackgroundTraffic;
}

/** How long after the last background flow's first packet the connections start: a handshake takes less. */
const SETTLE_NS = 10e6;

/** What a generator has counted so far. */
export interface GeneratorReading {
  attempted: number;
  /** Connections that were due and not started. */
  unsent: number;
  /** Packets of connections under way that found no free packet. */
  unsentPackets: number;
  sent: number;
  delivered: number;
  established: number;
  completed: number;
  brokenReset: number;
  brokenTimeout: number;
  retransmittedSyn: number;
  retransmittedFin: number;
  unexpected: number;
  stalled: number;
  recovered: number;
  repeated: number;
  duplicated: number;
  reordered: number;
  open: number;
}

export interface TcpGenerator {
  /** When the first connection is due. */
  startNs: number;
  background?: BackgroundFlows;
  /** Addresses in the data plane, for reading. */
  synToSynAck: number;
  scheduleLag: number;
  stall: number;
  /** Lets connections start only before this time: what a late generator has to make up is then spread over several steps. */
  setHorizon(horizonPs: bigint): void;
  /** Counts as unsent what was due before this time and was not started: for the end of a run that was late. */
  forgo(untilPs: bigint): void;
  /** Lets an fNIC's packets of one of the target's ports leave by another of them. */
  setOutput(fnic: number, port: number, output: Port): void;
  /** The first broken connections, and how many there were of each fNIC. */
  broken(): BrokenReading[];
  brokenByFnic(): number[];
  /** Broken connections whose clients never had an answer to their SYN. */
  brokenUnanswered(): number;
  read(): GeneratorReading;
}

/** Bytes of every frame in memory: inner frame and outer headers, without FCS. */
export function frameBytesOf({
  innerFrameBytes,
  encapsulation,
}: Pick<TrafficProfile, 'innerFrameBytes' | 'encapsulation'>): number {
  return innerFrameBytes + OUTER_BYTES[encapsulation];
}

/** Puts the clients and servers of a profile into a testbed, attached to a target's ports. The profile's rate is offered for `durationNs`. */
export function createTcpGenerator(
  testbed: Testbed,
  target: Attachment,
  { profile, durationNs, random, background: traffic }: TcpGeneratorOptions,
): TcpGenerator {
  const { exports } = testbed;
  const place = testbed.addPlace('generator', 'generator');
  const app = exports.tcpGeneratorCreate(
    testbed.pool,
    place,
    connectionCapacity(profile, durationNs),
    profile.fnicCount,
  );
  for (const { toTarget, fromTarget } of target.ports) exports.tcpGeneratorAddPort(app, fromTarget, toTarget);
  setFrames(testbed, app, target, profile);
  setAddresses(testbed, app, profile, random);
  const { tcp } = profile;
  exports.tcpGeneratorSetTimers(
    app,
    picoseconds(tcp.synTimeoutNs),
    picoseconds(tcp.finTimeoutNs),
    tcp.maxRetransmissions,
    picoseconds(tcp.connectionTimeoutNs),
    picoseconds(tcp.holdNs),
    picoseconds(tcp.serverTurnaroundNs),
    picoseconds(tcp.timerTickNs),
  );
  exports.tcpGeneratorSetManners(
    app,
    picoseconds(tcp.clientTurnaroundNs),
    tcp.finBeforeAck === 'refuse' ? 1 : 0,
  );
  exports.tcpGeneratorLayOutAnswers(
    app,
    answerCapacity(profile.rateCps, Math.min(durationNs, tcp.serverTurnaroundNs)),
    answerCapacity(profile.rateCps, Math.min(durationNs, tcp.clientTurnaroundNs)),
    tcp.holdNs === 0 ? 0 : connectionCapacity(profile, durationNs) + SPARE_ANSWERS,
  );
  const ratePerThousandSeconds = BigInt(Math.round(profile.rateCps / RATE_CPS_MIN));
  const seed = random.fork('arrivals').nextU64();
  const background =
    traffic === undefined
      ? undefined
      : createBackground(testbed, app, { background: traffic, profile, target, random });
  const startNs = background === undefined ? 0 : background.learnedNs + SETTLE_NS;
  exports.tcpGeneratorSetArrivals(
    app,
    Arrivals[profile.arrivals],
    ratePerThousandSeconds,
    seed,
    picoseconds(startNs + durationNs),
  );
  exports.tcpGeneratorDelay(app, picoseconds(startNs));
  testbed.addApp(app);
  return {
    startNs,
    ...(background === undefined ? {} : { background }),
    synToSynAck: exports.tcpGeneratorSynToSynAck(app),
    scheduleLag: exports.tcpGeneratorScheduleLag(app),
    stall: exports.tcpGeneratorStall(app),
    setHorizon: (horizonPs) => exports.tcpGeneratorSetHorizon(app, horizonPs),
    forgo: (untilPs) => exports.tcpGeneratorForgo(app, untilPs),
    setOutput: (fnic, port, { toTarget }) => exports.tcpGeneratorSetOutput(app, fnic, port, toTarget),
    broken: () => readBroken(testbed, app),
    brokenUnanswered: () => Number(exports.tcpGeneratorBrokenUnanswered(app)),
    brokenByFnic: () =>
      [...testbed.counters(exports.tcpGeneratorBrokenByFnic(app), profile.fnicCount)].map(Number),
    read: () => read(testbed, app),
  };
}

/**
 * Answers that one side thinks about at once: of a SYN and a FIN, or of the answers to these. A quarter more, for arrivals that scatter and packets that come
 * again. 256 MiB at most: what needs more is not offered, and its trial invalid.
 */
function answerCapacity(rateCps: number, turnaroundNs: number): number {
  const answers = 2 * rateCps * (turnaroundNs / NANOSECONDS_PER_SECOND);
  return turnaroundNs === 0 ? 0 : Math.min(ANSWER_COUNT_MAX, Math.ceil(answers * 1.25) + SPARE_ANSWERS);
}

const ANSWER_COUNT_MAX = 2 ** 24;
const SPARE_ANSWERS = 65_536;

/** Records for every connection that can be open at once when nothing is answered any more. Untouched records cost no memory. */
function connectionCapacity({ rateCps, tcp }: TrafficProfile, durationNs: number): number {
  const openNs = Math.min(durationNs, unansweredLifeNs(tcp));
  return Math.min(
    CONNECTION_COUNT_MAX,
    Math.ceil((rateCps * openNs) / NANOSECONDS_PER_SECOND) + SPARE_CONNECTIONS,
  );
}

function setFrames(testbed: Testbed, app: number, target: Attachment, profile: TrafficProfile): void {
  const { exports } = testbed;
  exports.tcpGeneratorSetFrames(app, Encapsulation[profile.encapsulation], profile.innerFrameBytes);
  for (let fnic = 0; fnic < profile.fnicCount; fnic++) {
    const { virtualAddress, hostAddress, networkAddress, switchMac, hostMac, networkMac } =
      target.tunnelEnds(fnic);
    const vni = profile.firstVni + fnic;
    exports.tcpGeneratorSetTemplate(
      app,
      fnic,
      SIDE_CLIENT,
      vni,
      hostAddress,
      virtualAddress,
      hostMac,
      switchMac,
      CLIENT_INNER_MAC,
      SERVER_INNER_MAC,
    );
    exports.tcpGeneratorSetTemplate(
      app,
      fnic,
      SIDE_SERVER,
      vni,
      networkAddress,
      virtualAddress,
      networkMac,
      switchMac,
      SERVER_INNER_MAC,
      CLIENT_INNER_MAC,
    );
  }
}

function setAddresses(
  testbed: Testbed,
  app: number,
  { clients, servers, fnicCount }: TrafficProfile,
  random: Random,
): void {
  const { exports } = testbed;
  const clientsPerFnic = Math.floor(clients.addressCount / fnicCount);
  exports.tcpGeneratorSetClients(
    app,
    fnicCount,
    clients.firstAddress,
    clientsPerFnic,
    clients.firstPort,
    clients.portCount,
  );
  exports.tcpGeneratorSetServers(
    app,
    servers.firstAddress,
    servers.addressCount,
    servers.firstPort,
    servers.portCount,
  );
  const isRandom = (order: string) => (order === 'random' ? 1 : 0);
  exports.tcpGeneratorStartPlan(
    app,
    isRandom(clients.order),
    isRandom(servers.order),
    random.fork('addresses').nextU64(),
  );
}

function read(testbed: Testbed, app: number): GeneratorReading {
  const counters = testbed.counters(testbed.exports.tcpGeneratorCounters(app), GENERATOR_COUNTER_COUNT);
  const counter = (name: GeneratorCounter) => Number(counters[name]);
  return {
    attempted: counter(GeneratorCounter.attempted),
    unsent: counter(GeneratorCounter.unsent),
    unsentPackets: counter(GeneratorCounter.unsentPackets),
    sent: counter(GeneratorCounter.sent),
    delivered: counter(GeneratorCounter.delivered),
    established: counter(GeneratorCounter.established),
    completed: counter(GeneratorCounter.completed),
    brokenReset: counter(GeneratorCounter.brokenReset),
    brokenTimeout: counter(GeneratorCounter.brokenTimeout),
    retransmittedSyn: counter(GeneratorCounter.retransmittedSyn),
    retransmittedFin: counter(GeneratorCounter.retransmittedFin),
    unexpected: counter(GeneratorCounter.unexpected),
    stalled: counter(GeneratorCounter.stalled),
    recovered: counter(GeneratorCounter.recovered),
    repeated: counter(GeneratorCounter.repeated),
    duplicated: counter(GeneratorCounter.duplicated),
    reordered: counter(GeneratorCounter.reordered),
    open: testbed.exports.tcpGeneratorOpen(app),
  };
}
