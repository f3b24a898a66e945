import { Divider, dividerCreate, quotient } from './udp-divider';

/**
 * The five-tuple of every flow as a pure function of its number, so that 64M flows need no memory. With P ports and F fNICs, flow j
 * of port p belongs to fNIC j mod F, where it is number m = (j div F) P + p. With S server endpoints and A client addresses in an
 * fNIC, it goes to server endpoint s = m mod S, and comes, with r = m div S, from client address (r + s) mod A and client port
 * r div A: no two flows of one server have the same r. Addresses change before ports do, so that few flows already meet many hosts.
 */
@unmanaged
export class FlowPlan {
  flowCount: u32;
  portCount: u32;
  clientFirstAddress: u32;
  clientFirstPort: u32;
  serverFirstAddress: u32;
  serverFirstPort: u32;
  byPort: Divider;
  byFnic: Divider;
  byServerEndpoint: Divider;
  byServerAddress: Divider;
  byClientAddress: Divider;
  /** What `flowPlanVisit` found. */
  fnic: u32;
  clientAddress: u32;
  clientPort: u32;
  serverAddress: u32;
  serverPort: u32;
  /** Which of its packets, even or odd ones, a flow's server sends: half of the flows of every fNIC each. */
  parity: u32;
}

export function flowPlanSetClients(plan: FlowPlan, fnicCount: u32, firstAddress: u32, addressesPerFnic: u32, firstPort: u32): void {
  plan.byFnic = dividerCreate(fnicCount);
  plan.byClientAddress = dividerCreate(addressesPerFnic);
  plan.clientFirstAddress = firstAddress;
  plan.clientFirstPort = firstPort;
}

export function flowPlanSetServers(plan: FlowPlan, firstAddress: u32, addressCount: u32, firstPort: u32, portCount: u32): void {
  plan.byServerAddress = dividerCreate(addressCount);
  plan.byServerEndpoint = dividerCreate(addressCount * portCount);
  plan.serverFirstAddress = firstAddress;
  plan.serverFirstPort = firstPort;
}

/** Finds the ends of flow number `index` of a port. */
// @ts-ignore: decorator
@inline
export function flowPlanVisit(plan: FlowPlan, port: u32, index: u32): void {
  const fnicCount = plan.byFnic.divisor;
  const turn = quotient(plan.byFnic, index);
  const fnic = index - turn * fnicCount;
  const number = turn * plan.portCount + port;
  const row = quotient(plan.byServerEndpoint, number);
  const server = number - row * plan.byServerEndpoint.divisor;
  const serverPort = quotient(plan.byServerAddress, server);
  const addressesPerFnic = plan.byClientAddress.divisor;
  const clientPort = quotient(plan.byClientAddress, row);
  const diagonal = row + server;
  const client = diagonal - quotient(plan.byClientAddress, diagonal) * addressesPerFnic;
  plan.fnic = fnic;
  plan.clientAddress = plan.clientFirstAddress + fnic * addressesPerFnic + client;
  plan.clientPort = plan.clientFirstPort + clientPort;
  plan.serverAddress = plan.serverFirstAddress + server - serverPort * plan.byServerAddress.divisor;
  plan.serverPort = plan.serverFirstPort + serverPort;
  plan.parity = (port + index + turn) & 1;
}

/** Finds the ends of flow number `flow` among all; it must be below `flowCount`. */
// @ts-ignore: decorator
@inline
export function flowPlanFind(plan: FlowPlan, flow: u32): void {
  const index = quotient(plan.byPort, flow);
  flowPlanVisit(plan, flow - index * plan.portCount, index);
}
