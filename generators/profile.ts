import { readdirSync } from 'node:fs';
import { packagePath } from '../core/package-path.js';
import { readProfileFile } from './profile-file.js';
import { buildProfile } from './profile-settings.js';
import { applyTunables } from './profile-tunables.js';

export type Arrivals = 'constant' | 'poisson';
export type Encapsulation = 'vxlan' | 'nvgre';
export type EndpointOrder = 'sequential' | 'random';

/** What the generator offers: a profile with its parents and tunables applied, in plain numbers. */
export interface TrafficProfile {
  name: string;
  description: string;
  /** New connections per second over all fNICs. */
  rateCps: number;
  arrivals: Arrivals;
  encapsulation: Encapsulation;
  /** Inner Ethernet frame with its padding; outer headers and FCS come on top. */
  innerFrameBytes: number;
  fnicCount: number;
  /** fNIC i has virtual network identifier `firstVni + i`. */
  firstVni: number;
  /** The client addresses are split evenly over the fNICs. */
  clients: Endpoints;
  servers: Endpoints;
  tcp: TcpTiming;
  /** Where each key was set, by key: `profile.yaml:8`, `--tunable tcp.hold`. For messages only. */
  origins: Record<string, string>;
}

export interface Endpoints {
  /** IPv4 in host order. */
  firstAddress: number;
  addressCount: number;
  firstPort: number;
  portCount: number;
  order: EndpointOrder;
}

export interface TcpTiming {
  synTimeoutNs: number;
  finTimeoutNs: number;
  maxRetransmissions: number;
  /** How long an end waits for the answer to a packet, all retransmissions included: the user time-out of RFC 5482. */
  connectionTimeoutNs: number;
  /** From established to the client's FIN. */
  holdNs: number;
  /** From a SYN or FIN at the server to its answer. */
  serverTurnaroundNs: number;
  /** From a SYN-ACK or FIN-ACK at the client to its ACK. */
  clientTurnaroundNs: number;
  /** How finely hosts tell the time of retransmissions, as Linux's timer wheel does with jiffies of this length; 0: exactly. */
  timerTickNs: number;
  /** A FIN at a server that has not had the ACK of its SYN-ACK: taken (RFC 9293), or refused with the SYN-ACK again. */
  finBeforeAck: 'accept' | 'refuse';
}

export interface LoadProfileOptions {
  /** `key=value` each, keys dotted: `tcp.hold=10ms`. */
  tunables?: readonly string[];
}

/**
 * A built-in profile by name, or a file by path (anything with a slash or ending in `.yaml` or `.yml`).
 * @throws SiriusError (usage) naming the file with its line, or the tunable, that is wrong.
 */
export function loadProfile(nameOrPath: string, { tunables = [] }: LoadProfileOptions = {}): TrafficProfile {
  const file = readProfileFile(nameOrPath);
  return buildProfile({ ...file, settings: applyTunables(file.settings, tunables) });
}

/** Names of the built-in profiles, sorted. */
export function listProfiles(): string[] {
  return readdirSync(packagePath('generators', 'profiles'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}
