// What the control plane calls to set a UDP generator up and to read it. Ports first, then flows, sizes, templates and genome.
import { arenaAllocate } from '../../core/dataplane/arena';
import { engineSetReceiver, engineSetSender } from '../../core/dataplane/engine';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { Histogram } from '../../core/dataplane/histogram';
import { IPV4_BYTES } from '../../core/dataplane/ipv4';
import { Link } from '../../core/dataplane/link';
import { arrivalsAdvance, arrivalsInit } from './arrivals';
import { TEMPLATE_HEAD_BYTES, TemplateOptions, outerBytes } from './frame-template';
import { Encapsulation, UDP_GENOME_LENGTH_MAX, UDP_PORT_COUNT_MAX, UdpCounter } from './generator-layout';
import { dividerCreate } from './udp-divider';
import { flowPlanSetClients, flowPlanSetServers } from './udp-flows';
import { UdpTemplate, udpTemplateInit } from './udp-frame';
import { FrameSize, UdpGenerator, udpCount, udpHistogram, udpPort } from './udp-generator';
import { flowOrderBegin, flowOrderCreate } from './udp-order';

export { udpGeneratorCreate } from './udp-generator';
export { dividerCreate, quotient as dividerQuotient } from './udp-divider';
export { flowOrderCreate, flowOrderNext } from './udp-order';


export function udpGeneratorAddPort(app: UdpGenerator, input: Link, output: Link): void {
  assert(app.portCount < <u32>UDP_PORT_COUNT_MAX);
  const port = udpPort(app, app.portCount++);
  engineSetReceiver(input, app);
  engineSetSender(output, app);
  port.input = input;
  port.output = output;
}

/** Flows and the order in which they are visited; call when all ports are there. */
export function udpGeneratorSetFlows(app: UdpGenerator, flowCount: u32, bidirectional: u32, seed: u64): void {
  assert(app.portCount > 0);
  app.order = flowOrderCreate(flowCount, app.portCount, seed);
  app.bidirectional = bidirectional;
  app.plan.flowCount = flowCount;
  app.plan.portCount = app.portCount;
  app.plan.byPort = dividerCreate(app.portCount);
}

export function udpGeneratorSetClients(app: UdpGenerator, firstAddress: u32, addressesPerFnic: u32, firstPort: u32): void {
  flowPlanSetClients(app.plan, app.fnicCount, firstAddress, addressesPerFnic, firstPort);
}

/** The product of addresses and ports must not pass 2^27; the caller takes no more than the flows need. */
export function udpGeneratorSetServers(app: UdpGenerator, firstAddress: u32, addressCount: u32, firstPort: u32, portCount: u32): void {
  flowPlanSetServers(app.plan, firstAddress, addressCount, firstPort, portCount);
}

export function udpGeneratorSetSize(app: UdpGenerator, size: u32, encapsulation: u32, innerFrameBytes: u32): void {
  const outer = outerBytes(encapsulation);
  app.innerIpOffset = outer + ETHERNET_BYTES;
  app.outerUdpOffset = encapsulation == <u32>Encapsulation.vxlan ? ETHERNET_BYTES + IPV4_BYTES : 0;
  const frames = frameSize(app, size);
  frames.frameBytes = outer + innerFrameBytes;
  frames.templates = arenaAllocate(2 * app.fnicCount * <u32>offsetof<UdpTemplate>());
}

/** Lays out the template of one size, fNIC and side (0 client, 1 server). */
export function udpGeneratorSetTemplate(
  app: UdpGenerator,
  size: u32,
  fnic: u32,
  side: u32,
  outerSource: u32,
  outerDestination: u32,
  outerSourceMac: u64,
  outerDestinationMac: u64,
  innerSourceMac: u64,
  innerDestinationMac: u64,
): void {
  const frames = frameSize(app, size);
  const options = changetype<TemplateOptions>(arenaAllocate(offsetof<TemplateOptions>()));
  options.encapsulation = <u32>(app.outerUdpOffset == 0 ? Encapsulation.nvgre : Encapsulation.vxlan);
  options.innerFrameBytes = frames.frameBytes - outerBytes(options.encapsulation);
  options.vni = app.firstVni + fnic;
  options.outerSource = outerSource;
  options.outerDestination = outerDestination;
  options.outerSourceMac = outerSourceMac;
  options.outerDestinationMac = outerDestinationMac;
  options.innerSourceMac = innerSourceMac;
  options.innerDestinationMac = innerDestinationMac;
  const template = changetype<UdpTemplate>(frames.templates + (2 * fnic + side) * <u32>offsetof<UdpTemplate>());
  udpTemplateInit(template, arenaAllocate(TEMPLATE_HEAD_BYTES), options);
}

/** Appends a packet of a size to the sequence that repeats. Ports start at places of their own, so that they do not all send the largest at once. */
export function udpGeneratorAddToGenome(app: UdpGenerator, size: u32): void {
  assert(app.genomeLength < <u32>UDP_GENOME_LENGTH_MAX && size < app.sizeCount);
  store<u8>(app.genome + app.genomeLength++, <u8>size);
  for (let port: u32 = 0; port < app.portCount; port++) udpPort(app, port).genomePosition = (port * app.genomeLength) / app.portCount;
}

/**
 * Begins a phase, with a new round of flows, at `startPs`: at most `packetCount` packets, none at or after `stopPs`, at a rate in
 * thousandths of a packet per second.
 */
export function udpGeneratorStart(app: UdpGenerator, phase: u32, kind: u32, ratePerThousandSeconds: u64, seed: u64, startPs: i64, stopPs: i64, packetCount: u64): void {
  assert(app.genomeLength > 0);
  if (app.order.position != 0) flowOrderBegin(app.order, app.order.round + 1);
  app.phase = phase;
  arrivalsInit(app.arrivals, kind, ratePerThousandSeconds, seed);
  app.arrivals.nextPs += startPs;
  app.stopPs = stopPs;
  app.packetsLeft = packetCount;
  app.nextEventPs = app.arrivals.nextPs < stopPs && packetCount != 0 ? app.arrivals.nextPs : i64.MAX_VALUE;
}

/** Counts as unsent every packet that was due before `untilPs` and was not sent: the load that was not offered. */
export function udpGeneratorForgo(app: UdpGenerator, untilPs: i64): void {
  const lastPs = untilPs < app.stopPs ? untilPs : app.stopPs;
  while (app.arrivals.nextPs < lastPs && app.packetsLeft != 0) {
    udpCount(app, app.phase, UdpCounter.unsent);
    arrivalsAdvance(app.arrivals);
    app.packetsLeft--;
  }
}

export function udpGeneratorSetHorizon(app: UdpGenerator, horizonPs: i64): void {
  app.horizonPs = horizonPs;
}

/** Address of the counters: rows of UDP_COUNTER_COUNT by phase, u64 each. */
export function udpGeneratorCounters(app: UdpGenerator): usize {
  return app.counters;
}

export function udpGeneratorLatency(app: UdpGenerator, phase: u32): Histogram {
  return udpHistogram(app.latencies, phase);
}

export function udpGeneratorScheduleLag(app: UdpGenerator, phase: u32): Histogram {
  return udpHistogram(app.scheduleLags, phase);
}

function frameSize(app: UdpGenerator, size: u32): FrameSize {
  assert(size < app.sizeCount);
  return changetype<FrameSize>(app.sizes + size * <u32>offsetof<FrameSize>());
}
