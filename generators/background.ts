import { usageError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { type Attachment, picoseconds, type Testbed } from '../core/testbed.js';
import {
  BACKGROUND_COUNTER_COUNT,
  BackgroundCounter,
  Encapsulation,
  UDP_FLOW_COUNT_MAX,
} from './dataplane/generator-layout.js';
import { OUTER_BYTES } from './outer-bytes.js';
import type { TrafficProfile } from './profile.js';

/**
 * Flows that are learned before the connections start and kept alive beside them (SONiC DASH, "background flows"). They have the
 * profile's clients and server addresses, and server ports of their own.
 */
export interface BackgroundTraffic {
  tcpFlowCount: number;
  udpFlowCount: number;
  /** Time between two packets of a flow in one direction. The other direction comes half of it later. */
  refreshNs: number;
  /** Inner Ethernet frame with its padding, as in a profile. */
  innerFrameBytes: number;
  /** Flows are learned at no more than this rate per second. */
  learnPps: number;
  servers: { firstPort: number; portCount: number };
}

export interface BackgroundReading {
  sent: number;
  delivered: number;
  /** Flows whose first packet was due, and flows that were learned: a handshake, or a first datagram that came through. */
  learning: number;
  learned: number;
  refreshes: number;
  refreshed: number;
  /** Packets that were due and found no free packet. */
  unsent: number;
  unexpected: number;
}

export interface BackgroundFlows {
  flowCount: number;
  /** When the last flow's first packet was sent; its handshake takes a little longer. */
  learnedNs: number;
  /** Nothing but answers is sent from this time on. */
  stop(stopNs: number): void;
  read(): BackgroundReading;
}

const SIDE_CLIENT = 0;
const SIDE_SERVER = 1;
const CLIENT_INNER_MAC = 0x0200_0a00_0003n;
const SERVER_INNER_MAC = 0x0200_0a00_0004n;
const NANOSECONDS_PER_SECOND = 1e9;
/** The data plane divides numbers below 2^27. */
const SERVER_ENDPOINT_COUNT_MAX = 2 ** 26;

export function backgroundFlowCount({ tcpFlowCount, udpFlowCount }: BackgroundTraffic): number {
  return tcpFlowCount + udpFlowCount;
}

/** Packets per second once all flows are learned. */
export function backgroundPps(background: BackgroundTraffic): number {
  return (2 * backgroundFlowCount(background) * NANOSECONDS_PER_SECOND) / background.refreshNs;
}

/** Bytes of a frame in memory: inner frame and outer headers, without FCS. */
export function backgroundFrameBytes(
  { innerFrameBytes }: BackgroundTraffic,
  { encapsulation }: Pick<TrafficProfile, 'encapsulation'>,
): number {
  return innerFrameBytes + OUTER_BYTES[encapsulation];
}

/** Intervals that learning is spread over, so that it keeps to its rate. */
function learningRounds(background: BackgroundTraffic): number {
  const perInterval = (background.learnPps * background.refreshNs) / NANOSECONDS_PER_SECOND;
  return Math.max(1, Math.ceil(backgroundFlowCount(background) / perInterval));
}

/**
 * Refuses flows that the addresses cannot tell apart, and ports that are those of the connections.
 * @throws SiriusError (usage) naming what was needed and what there is.
 */
export function checkBackground(background: BackgroundTraffic, profile: TrafficProfile): void {
  const { clients, servers, fnicCount } = profile;
  const flowCount = backgroundFlowCount(background);
  if (flowCount > UDP_FLOW_COUNT_MAX) {
    throw usageError({
      code: 'flow-count',
      where: 'background flows',
      expected: `at most ${text(UDP_FLOW_COUNT_MAX)}`,
      got: text(flowCount),
      hint: 'The DASH hero test has 30M.',
    });
  }
  const { firstPort, portCount } = background.servers;
  if (firstPort < servers.firstPort + servers.portCount && servers.firstPort < firstPort + portCount) {
    throw usageError({
      code: 'port-overlap',
      where: 'background server ports',
      expected: `ports that the connections do not use (${range(servers)})`,
      got: range(background.servers),
      hint: 'By its server port a packet is known to be of the background: -t servers.ports=80.',
    });
  }
  const presentPerFnic =
    Math.floor(clients.addressCount / fnicCount) * clients.portCount * servers.addressCount * portCount;
  const neededPerFnic = Math.ceil(flowCount / fnicCount) + 2;
  if (presentPerFnic >= neededPerFnic) return;
  throw usageError({
    code: 'address-capacity',
    where: 'background flows',
    expected: `at most ${text(presentPerFnic)} for each of ${fnicCount} fNICs, as many as there are pairs of a client and a server endpoint`,
    got: text(neededPerFnic),
    hint: 'Use fewer flows, or more addresses and ports (-t clients.addresses=...).',
  });
}

export interface CreateBackgroundOptions {
  background: BackgroundTraffic;
  profile: TrafficProfile;
  target: Attachment;
  random: Random;
}

/** Gives a TCP generator background flows, which start at time 0. Its ports are attached already. */
export function createBackground(
  testbed: Testbed,
  generator: number,
  { background, profile, target, random }: CreateBackgroundOptions,
): BackgroundFlows {
  checkBackground(background, profile);
  const { exports } = testbed;
  const { fnicCount, firstVni, clients, servers, encapsulation } = profile;
  const flowCount = backgroundFlowCount(background);
  const rounds = learningRounds(background);
  const app = exports.tcpGeneratorAddBackground(
    generator,
    fnicCount,
    firstVni,
    flowCount,
    background.tcpFlowCount,
    rounds,
    random.fork('background').nextU64(),
  );
  const clientsPerFnic = Math.floor(clients.addressCount / fnicCount);
  exports.backgroundSetClients(app, fnicCount, clients.firstAddress, clientsPerFnic, clients.firstPort);
  exports.backgroundSetServers(
    app,
    servers.firstAddress,
    Math.min(servers.addressCount, Math.floor(SERVER_ENDPOINT_COUNT_MAX / background.servers.portCount)),
    background.servers.firstPort,
    background.servers.portCount,
  );
  exports.backgroundSetFrames(app, Encapsulation[encapsulation], background.innerFrameBytes);
  setTemplates(testbed, app, target, fnicCount);
  exports.backgroundStart(generator, app, BigInt(Math.round(backgroundPps(background) * 1000)));
  return {
    flowCount,
    learnedNs: rounds * background.refreshNs,
    stop: (stopNs) => exports.backgroundStop(generator, app, picoseconds(stopNs)),
    read: () => read(testbed, app),
  };
}

function setTemplates({ exports }: Testbed, app: number, target: Attachment, fnicCount: number): void {
  for (let fnic = 0; fnic < fnicCount; fnic++) {
    const { virtualAddress, hostAddress, networkAddress, switchMac, hostMac, networkMac } =
      target.tunnelEnds(fnic);
    const set = (side: number, address: number, mac: bigint, innerMac: bigint, peerInnerMac: bigint) =>
      exports.backgroundSetTemplate(
        app,
        fnic,
        side,
        address,
        virtualAddress,
        mac,
        switchMac,
        innerMac,
        peerInnerMac,
      );
    set(SIDE_CLIENT, hostAddress, hostMac, CLIENT_INNER_MAC, SERVER_INNER_MAC);
    set(SIDE_SERVER, networkAddress, networkMac, SERVER_INNER_MAC, CLIENT_INNER_MAC);
  }
}

function read(testbed: Testbed, app: number): BackgroundReading {
  const counters = testbed.counters(testbed.exports.backgroundCounters(app), BACKGROUND_COUNTER_COUNT);
  const counter = (name: BackgroundCounter) => Number(counters[name]);
  return {
    sent: counter(BackgroundCounter.sent),
    delivered: counter(BackgroundCounter.delivered),
    learning: counter(BackgroundCounter.learning),
    learned: counter(BackgroundCounter.learned),
    refreshes: counter(BackgroundCounter.refreshes),
    refreshed: counter(BackgroundCounter.refreshed),
    unsent: counter(BackgroundCounter.unsent),
    unexpected: counter(BackgroundCounter.unexpected),
  };
}

function range({ firstPort, portCount }: { firstPort: number; portCount: number }): string {
  return portCount === 1 ? `${firstPort}` : `${firstPort}-${firstPort + portCount - 1}`;
}

function text(value: number): string {
  return value.toLocaleString('en-US');
}
