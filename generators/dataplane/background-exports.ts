// What the control plane calls to set background flows up beside a TCP generator, and to read them. Ports first, then flows, frames and templates.
import { arenaAllocate } from '../../core/dataplane/arena';
import { ETHERNET_BYTES } from '../../core/dataplane/ethernet';
import { IPV4_BYTES } from '../../core/dataplane/ipv4';
import { arrivalsAdvance, arrivalsInit } from './arrivals';
import { BackgroundFlows, backgroundCreate, backgroundDuePs } from './background';
import { TEMPLATE_HEAD_BYTES, TemplateOptions, outerBytes } from './frame-template';
import { Arrivals, Encapsulation } from './generator-layout';
import { TcpGenerator } from './tcp-generator';
import { FrameTemplate, frameTemplateInit } from './tcp-template';
import { dividerCreate } from './udp-divider';
import { flowPlanSetClients, flowPlanSetServers } from './udp-flows';
import { UdpTemplate, udpTemplateInit } from './udp-frame';
import { flowOrderCreate } from './udp-order';

/** Gives a generator background flows; the first `tcpFlowCount` of them are TCP. The generator's ports are there already. */
export function tcpGeneratorAddBackground(app: TcpGenerator, fnicCount: u32, firstVni: u32, flowCount: u32, tcpFlowCount: u32, learningRounds: u32, seed: u64): BackgroundFlows {
  assert(app.portCount > 0 && learningRounds > 0 && tcpFlowCount <= flowCount);
  const background = backgroundCreate(app.pool, app.place, app.outputs, app.portCount, fnicCount, firstVni);
  background.tcpFlowCount = tcpFlowCount;
  background.learningRounds = learningRounds;
  background.clients = flowOrderCreate(flowCount, app.portCount, seed);
  background.servers = flowOrderCreate(flowCount, app.portCount, seed);
  background.headStart = (flowCount + 1) / 2;
  background.plan.flowCount = flowCount;
  background.plan.portCount = app.portCount;
  background.plan.byPort = dividerCreate(app.portCount);
  app.background = background;
  return background;
}

export function backgroundSetClients(background: BackgroundFlows, fnicCount: u32, firstAddress: u32, addressesPerFnic: u32, firstPort: u32): void {
  flowPlanSetClients(background.plan, fnicCount, firstAddress, addressesPerFnic, firstPort);
}

/** Ports that the generator's connections do not use: by them a packet is known. */
export function backgroundSetServers(background: BackgroundFlows, firstAddress: u32, addressCount: u32, firstPort: u32, portCount: u32): void {
  flowPlanSetServers(background.plan, firstAddress, addressCount, firstPort, portCount);
  background.serverPortFirst = firstPort;
  background.serverPortCount = portCount;
}

export function backgroundSetFrames(background: BackgroundFlows, encapsulation: u32, innerFrameBytes: u32): void {
  const outer = outerBytes(encapsulation);
  background.frameBytes = outer + innerFrameBytes;
  background.innerIpOffset = outer + ETHERNET_BYTES;
  background.outerUdpOffset = encapsulation == <u32>Encapsulation.vxlan ? ETHERNET_BYTES + IPV4_BYTES : 0;
}

/** Lays out the templates of one fNIC and side (0 client, 1 server). */
export function backgroundSetTemplate(
  background: BackgroundFlows,
  fnic: u32,
  side: u32,
  outerSource: u32,
  outerDestination: u32,
  outerSourceMac: u64,
  outerDestinationMac: u64,
  innerSourceMac: u64,
  innerDestinationMac: u64,
): void {
  const options = changetype<TemplateOptions>(arenaAllocate(offsetof<TemplateOptions>()));
  options.encapsulation = <u32>(background.outerUdpOffset == 0 ? Encapsulation.nvgre : Encapsulation.vxlan);
  options.innerFrameBytes = background.frameBytes - outerBytes(options.encapsulation);
  options.vni = background.firstVni + fnic;
  options.outerSource = outerSource;
  options.outerDestination = outerDestination;
  options.outerSourceMac = outerSourceMac;
  options.outerDestinationMac = outerDestinationMac;
  options.innerSourceMac = innerSourceMac;
  options.innerDestinationMac = innerDestinationMac;
  const index = 2 * fnic + side;
  frameTemplateInit(changetype<FrameTemplate>(background.tcpTemplates + index * <u32>offsetof<FrameTemplate>()), options);
  const udp = changetype<UdpTemplate>(background.udpTemplates + index * <u32>offsetof<UdpTemplate>());
  udpTemplateInit(udp, arenaAllocate(TEMPLATE_HEAD_BYTES), options);
}

/** Starts at time 0 with `visitsPerThousandSeconds`: two visits of each flow in an interval. */
export function backgroundStart(app: TcpGenerator, background: BackgroundFlows, visitsPerThousandSeconds: u64): void {
  arrivalsInit(background.visits, <u32>Arrivals.constant, visitsPerThousandSeconds, 0);
  arrivalsAdvance(background.visits);
  app.backgroundDuePs = backgroundDuePs(background);
}

/** Nothing but answers is sent from this time on. */
export function backgroundStop(app: TcpGenerator, background: BackgroundFlows, stopPs: i64): void {
  background.stopPs = stopPs;
  app.backgroundDuePs = backgroundDuePs(background);
}

export function backgroundCounters(background: BackgroundFlows): usize {
  return background.counters;
}
