import { parseIpv4Range } from '../core/address.js';
import { usageError } from '../core/errors.js';
import { parseDurationOrZeroNs, parseRate } from '../core/units.js';
import { addressesOverlap } from './address-capacity.js';
import type { Arrivals, Encapsulation, EndpointOrder, Endpoints, TrafficProfile } from './profile.js';

/** A key's value as written, and where it was written. */
export interface Setting {
  value: unknown;
  where: string;
}

/** By dotted key: `tcp.hold`. */
export type Settings = ReadonlyMap<string, Setting>;

/** Every key that can be set, in a file or by a tunable. */
export const PROFILE_KEYS = [
  'rate',
  'arrivals',
  'encapsulation',
  'innerFrameBytes',
  'fnics.count',
  'fnics.firstVni',
  'clients.addresses',
  'clients.ports',
  'clients.order',
  'servers.addresses',
  'servers.ports',
  'servers.order',
  'tcp.synTimeout',
  'tcp.finTimeout',
  'tcp.maxRetransmissions',
  'tcp.connectionTimeout',
  'tcp.hold',
  'tcp.serverTurnaround',
  'tcp.clientTurnaround',
  'tcp.timerTick',
  'tcp.finBeforeAck',
] as const;
export type ProfileKey = (typeof PROFILE_KEYS)[number];

const VNI_MAX = 2 ** 24 - 1;
const PORT_MAX = 65535;

export interface BuildProfileOptions {
  name: string;
  description: string;
  where: string;
  settings: Settings;
}

/** Turns settings that have passed the schema into plain numbers and checks what a schema cannot. */
export function buildProfile({ name, description, where, settings }: BuildProfileOptions): TrafficProfile {
  const get = (key: ProfileKey): Setting => settings.get(key) ?? missing(key, where);
  const duration = (key: ProfileKey): number => durationOrZeroNs(get(key), key);
  const profile: TrafficProfile = {
    name,
    description,
    rateCps: parseProfileRate(get('rate')),
    arrivals: get('arrivals').value as Arrivals,
    encapsulation: get('encapsulation').value as Encapsulation,
    innerFrameBytes: get('innerFrameBytes').value as number,
    fnicCount: get('fnics.count').value as number,
    firstVni: get('fnics.firstVni').value as number,
    clients: parseEndpoints('clients', get),
    servers: parseEndpoints('servers', get),
    tcp: {
      synTimeoutNs: positive(duration('tcp.synTimeout'), get('tcp.synTimeout'), 'tcp.synTimeout'),
      finTimeoutNs: positive(duration('tcp.finTimeout'), get('tcp.finTimeout'), 'tcp.finTimeout'),
      maxRetransmissions: get('tcp.maxRetransmissions').value as number,
      connectionTimeoutNs: duration('tcp.connectionTimeout'),
      holdNs: duration('tcp.hold'),
      serverTurnaroundNs: duration('tcp.serverTurnaround'),
      clientTurnaroundNs: duration('tcp.clientTurnaround'),
      timerTickNs: duration('tcp.timerTick'),
      finBeforeAck: get('tcp.finBeforeAck').value as 'accept' | 'refuse',
    },
    origins: Object.fromEntries([...settings].map(([key, setting]) => [key, setting.where])),
  };
  checkTogether(profile, get);
  return profile;
}

function missing(key: ProfileKey, where: string): never {
  throw usageError({
    code: 'profile-key-missing',
    where,
    expected: `the key ${key}, here or in a profile that this one extends`,
    got: 'neither',
    hint: `Set ${key}, or add \`extends: cps\` to take what is missing from the built-in profile.`,
  });
}

function parseProfileRate({ value, where }: Setting): number {
  return parseRate(String(value), { where: `${where}: rate`, units: ['cps'] }).value;
}

function durationOrZeroNs({ value, where }: Setting, key: ProfileKey): number {
  return parseDurationOrZeroNs(String(value), { where: `${where}: ${key}` });
}

function positive(durationNs: number, { value, where }: Setting, key: ProfileKey): number {
  if (durationNs > 0) return durationNs;
  throw usageError({
    code: 'profile-duration',
    where: `${where}: ${key}`,
    expected: 'a time-out above zero',
    got: `"${value}"`,
    hint: 'RFC 6298 starts at 1s; data centres use 200ms and less.',
  });
}

function parseEndpoints(side: 'clients' | 'servers', get: (key: ProfileKey) => Setting): Endpoints {
  const addresses = get(`${side}.addresses`);
  const range = parseIpv4Range(String(addresses.value), { where: `${addresses.where}: ${side}.addresses` });
  const order = get(`${side}.order`).value as EndpointOrder;
  const ports = parsePorts(get(`${side}.ports`), `${side}.ports`);
  return { firstAddress: range.first, addressCount: range.count, ...ports, order };
}

function parsePorts({ value, where }: Setting, key: ProfileKey): { firstPort: number; portCount: number } {
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(String(value).trim());
  const firstPort = Number(match?.[1]);
  const lastPort = Number(match?.[2] ?? match?.[1]);
  if (match && firstPort >= 1 && lastPort <= PORT_MAX && firstPort <= lastPort) {
    return { firstPort, portCount: lastPort - firstPort + 1 };
  }
  throw usageError({
    code: 'profile-ports',
    where: `${where}: ${key}`,
    expected: `a port or a range of ports from 1 to ${PORT_MAX}, the lower one first`,
    got: `"${value}"`,
    hint: 'Write 80, or 1024-65535.',
  });
}

function checkTogether(profile: TrafficProfile, get: (key: ProfileKey) => Setting): void {
  const { firstVni, fnicCount, clients, servers, tcp } = profile;
  if (firstVni + fnicCount - 1 > VNI_MAX) {
    throw usageError({
      code: 'profile-vni',
      where: `${get('fnics.firstVni').where}: fnics.firstVni`,
      expected: `identifiers of at most 24 bits for all ${fnicCount} fNICs`,
      got: `${firstVni} to ${firstVni + fnicCount - 1}`,
      hint: `Start at ${VNI_MAX - fnicCount + 1} or below.`,
    });
  }
  if (tcp.connectionTimeoutNs <= Math.max(tcp.serverTurnaroundNs, tcp.clientTurnaroundNs)) {
    throw usageError({
      code: 'profile-connection-timeout',
      where: `${get('tcp.connectionTimeout').where}: tcp.connectionTimeout`,
      expected: 'more than tcp.serverTurnaround and than tcp.clientTurnaround',
      got: `"${get('tcp.connectionTimeout').value}"`,
      hint: 'Raise tcp.connectionTimeout, or every connection would be counted as timed out.',
    });
  }
  if (addressesOverlap(clients, servers)) {
    throw usageError({
      code: 'address-overlap',
      where: `${get('servers.addresses').where}: servers.addresses`,
      expected: 'server addresses that are no client addresses',
      got: `"${get('servers.addresses').value}", which overlap the clients "${get('clients.addresses').value}"`,
      hint: 'Choose another network for the servers, for example 172.16.0.0/24.',
    });
  }
}
