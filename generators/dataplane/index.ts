// What the control plane calls to set a generator up and to read it.
import { answersLayOut } from './answers';
import { Link } from '../../core/dataplane/link';
import { arenaAllocate } from '../../core/dataplane/arena';
import { engineSetReceiver, engineSetSender } from '../../core/dataplane/engine';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { IPV4_BYTES } from '../../core/dataplane/ipv4';
import { Histogram } from '../../core/dataplane/histogram';
import { planStart } from './address-plan';
import { arrivalsAdvance, arrivalsInit } from './arrivals';
import { frameShapeInit } from './frame-shape';
import { outerBytes, TemplateOptions } from './frame-template';
import { Encapsulation, GeneratorCounter, TCP_PORT_COUNT_MAX } from './generator-layout';
import { FrameTemplate, frameTemplateInit } from './tcp-template';
import { TcpGenerator, count } from './tcp-generator';

export { lossWatchEnd, lossWatchStart } from './loss-watch';
export { tcpGeneratorCreate, tcpGeneratorSetTimers } from './tcp-generator';
export * from './background-exports';
export * from './udp-exports';

export function tcpGeneratorAddPort(app: TcpGenerator, input: Link, output: Link): void {
  store<usize>(app.inputs + (app.portCount << 2), changetype<usize>(input));
  engineSetReceiver(input, app);
  engineSetSender(output, app);
  const port = app.portCount++;
  for (let fnic: u32 = 0; fnic < app.fnicCount; fnic++) tcpGeneratorSetOutput(app, fnic, port, output);
}

/** Lets an fNIC's packets of one port leave by another link: the network's routes have changed. */
export function tcpGeneratorSetOutput(app: TcpGenerator, fnic: u32, port: u32, output: Link): void {
  store<usize>(app.outputs + ((fnic * TCP_PORT_COUNT_MAX + port) << 2), changetype<usize>(output));
}

/** @param finNeedsAck 1: a server that has not had the ACK of its SYN-ACK takes no FIN, and repeats the SYN-ACK */
export function tcpGeneratorSetManners(app: TcpGenerator, clientTurnaroundPs: i64, finNeedsAck: u32): void {
  app.clientTurnaroundPs = clientTurnaroundPs;
  app.finNeedsAck = finNeedsAck;
}

/** How many answers the servers, and the clients, may think about at once, and how many connections be held. Call before the run. */
export function tcpGeneratorLayOutAnswers(app: TcpGenerator, serverCapacity: u32, clientCapacity: u32, holdCapacity: u32): void {
  answersLayOut(app.serverAnswers, serverCapacity);
  answersLayOut(app.clientAnswers, clientCapacity);
  answersLayOut(app.holds, holdCapacity);
}

/** Rate in thousandths of a connection per second. No connection starts at or after `stopPs`. */
export function tcpGeneratorSetArrivals(app: TcpGenerator, kind: u32, ratePerThousandSeconds: u64, seed: u64, stopPs: i64): void {
  arrivalsInit(app.arrivals, kind, ratePerThousandSeconds, seed);
  app.stopPs = stopPs;
}

/** Counts as unsent every connection that was due before `untilPs` and was not started: the load that was not offered. */
export function tcpGeneratorForgo(app: TcpGenerator, untilPs: i64): void {
  const lastPs = untilPs < app.stopPs ? untilPs : app.stopPs;
  while (app.arrivals.nextPs < lastPs) {
    count(app, GeneratorCounter.unsent);
    arrivalsAdvance(app.arrivals);
  }
}

/** Moves the first connection, and so all of them, to `startPs`. */
export function tcpGeneratorDelay(app: TcpGenerator, startPs: i64): void {
  app.arrivals.nextPs += startPs;
}

export function tcpGeneratorSetHorizon(app: TcpGenerator, horizonPs: i64): void {
  app.horizonPs = horizonPs;
}

export function tcpGeneratorSetClients(app: TcpGenerator, fnicCount: u32, firstAddress: u32, addressesPerFnic: u32, firstPort: u32, portCount: u32): void {
  const plan = app.plan;
  plan.fnicCount = fnicCount;
  plan.clientFirstAddress = firstAddress;
  plan.clientAddressesPerFnic = addressesPerFnic;
  plan.clientFirstPort = firstPort;
  plan.clientPortCount = portCount;
}

export function tcpGeneratorSetServers(app: TcpGenerator, firstAddress: u32, addressCount: u32, firstPort: u32, portCount: u32): void {
  const plan = app.plan;
  plan.serverFirstAddress = firstAddress;
  plan.serverAddressCount = addressCount;
  plan.serverFirstPort = firstPort;
  plan.serverPortCount = portCount;
}

/** Call after the ranges are set. */
export function tcpGeneratorStartPlan(app: TcpGenerator, clientRandom: u32, serverRandom: u32, seed: u64): void {
  planStart(app.plan, clientRandom, serverRandom, seed);
}

export function tcpGeneratorSetFrames(app: TcpGenerator, encapsulation: u32, innerFrameBytes: u32): void {
  const outer = outerBytes(encapsulation);
  app.frameBytes = outer + innerFrameBytes;
  app.innerIpOffset = outer + ETHERNET_BYTES;
  app.outerUdpOffset = encapsulation == <u32>Encapsulation.vxlan ? ETHERNET_BYTES + IPV4_BYTES : 0;
}

/** Lays out the template of one fNIC and side (0 client, 1 server). */
export function tcpGeneratorSetTemplate(
  app: TcpGenerator,
  fnic: u32,
  side: u32,
  vni: u32,
  outerSource: u32,
  outerDestination: u32,
  outerSourceMac: u64,
  outerDestinationMac: u64,
  innerSourceMac: u64,
  innerDestinationMac: u64,
): void {
  const encapsulation = <u32>(app.outerUdpOffset == 0 ? Encapsulation.nvgre : Encapsulation.vxlan);
  const options = changetype<TemplateOptions>(arenaAllocate(offsetof<TemplateOptions>()));
  options.encapsulation = encapsulation;
  options.innerFrameBytes = app.frameBytes - outerBytes(encapsulation);
  options.vni = vni;
  options.outerSource = outerSource;
  options.outerDestination = outerDestination;
  options.outerSourceMac = outerSourceMac;
  options.outerDestinationMac = outerDestinationMac;
  options.innerSourceMac = innerSourceMac;
  options.innerDestinationMac = innerDestinationMac;
  const template = changetype<FrameTemplate>(app.templates + (2 * <usize>fnic + side) * offsetof<FrameTemplate>());
  frameTemplateInit(template, options);
  // All templates have one shape.
  frameShapeInit(app.shape, template.frame, app.innerIpOffset, encapsulation);
}

export function tcpGeneratorCounters(app: TcpGenerator): usize {
  return app.counters;
}

/** Broken connections that are listed, in order of breaking: see BROKEN_RECORD_BYTES. */
export function tcpGeneratorBrokenRecords(app: TcpGenerator): usize {
  return app.broken.records;
}

export function tcpGeneratorBrokenListed(app: TcpGenerator): u32 {
  return app.broken.count;
}

/** u64 by fNIC. */
export function tcpGeneratorBrokenByFnic(app: TcpGenerator): usize {
  return app.broken.byFnic;
}

/** Broken connections whose clients never had an answer to their SYN. */
export function tcpGeneratorBrokenUnanswered(app: TcpGenerator): u64 {
  return app.broken.unansweredCount;
}

export function tcpGeneratorOpen(app: TcpGenerator): u32 {
  return app.connections.outstanding;
}

export function tcpGeneratorSynToSynAck(app: TcpGenerator): Histogram {
  return app.synToSynAck;
}

export function tcpGeneratorStall(app: TcpGenerator): Histogram {
  return app.stall;
}

export function tcpGeneratorScheduleLag(app: TcpGenerator): Histogram {
  return app.scheduleLag;
}
