import { usageError } from '../core/errors.js';
import { unansweredLifeNs } from './connection-life.js';
import type { Endpoints, TrafficProfile } from './profile.js';

/** Endpoints of one fNIC, or of the servers, are numbered in 32 bits. */
const ENDPOINT_COUNT_MAX = 2 ** 32 - 1;

const ADDRESS_BITS = 32;

/**
 * Refuses a profile whose clients would come round to the same address and port while a card may still hold the
 * earlier connection: each fNIC needs rate / fNICs x (`unansweredLifeNs` + linger) client endpoints.
 * @throws SiriusError (usage) naming the key, what was needed, what there is, and the smallest prefix that would do.
 */
export function checkAddressCapacity(profile: TrafficProfile, { rateCps, lingerNs }: AddressLoad): void {
  const { clients, fnicCount, tcp } = profile;
  const neededPerFnic = Math.ceil((rateCps / fnicCount) * ((unansweredLifeNs(tcp) + lingerNs) / 1e9));
  const addressesPerFnic = Math.floor(clients.addressCount / fnicCount);
  checkNumbering(profile, 'clients', addressesPerFnic * clients.portCount);
  checkNumbering(profile, 'servers', profile.servers.addressCount * profile.servers.portCount);
  const presentPerFnic = distinctConnections(profile, addressesPerFnic * clients.portCount);
  if (presentPerFnic >= neededPerFnic && presentPerFnic > 0) return;

  throw usageError({
    code: 'address-capacity',
    where: whereOf(profile, 'clients.addresses'),
    expected: `at least ${count(neededPerFnic)} client endpoints (address and port) for each of ${fnicCount} fNICs, to offer ${count(rateCps)} connections per second without meeting an earlier one`,
    got:
      addressesPerFnic === 0
        ? `fewer addresses than fNICs: ${describe(clients)} leave some of the ${fnicCount} without any`
        : `${count(presentPerFnic)} (${describe(clients)} over ${fnicCount} fNICs)`,
    hint: smallestPrefixHint({ neededPerFnic, fnicCount, portCount: clients.portCount }),
  });
}

/** Which end a packet is for must be told by its address alone. */
export function addressesOverlap(a: AddressRange, b: AddressRange): boolean {
  return a.firstAddress < b.firstAddress + b.addressCount && b.firstAddress < a.firstAddress + a.addressCount;
}

type AddressRange = Pick<Endpoints, 'firstAddress' | 'addressCount'>;

/**
 * Connections of one fNIC before a pair of endpoints comes again. In sequential order the servers go on by one with each connection, so
 * that a client which comes round meets another server, until both rounds end together.
 */
function distinctConnections({ clients, servers, fnicCount }: TrafficProfile, clientCount: number): number {
  if (clients.order !== 'sequential' || servers.order !== 'sequential' || clientCount === 0)
    return clientCount;
  const serverCount = servers.addressCount * servers.portCount;
  const serverRound = serverCount / greatestCommonDivisor(serverCount, fnicCount);
  return (clientCount / greatestCommonDivisor(clientCount, serverRound)) * serverRound;
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

export interface AddressLoad {
  rateCps: number;
  /** How long a card may remember a connection after its end (its model's ageing of closed flows). */
  lingerNs: number;
}

interface Need {
  /** Client endpoints. */
  neededPerFnic: number;
  fnicCount: number;
  portCount: number;
}

function smallestPrefixHint({ neededPerFnic, fnicCount, portCount }: Need): string {
  const addresses = Math.max(1, Math.ceil(neededPerFnic / portCount)) * fnicCount;
  const prefixLength = ADDRESS_BITS - Math.ceil(Math.log2(addresses));
  return prefixLength >= 1
    ? `The smallest prefix that will do is a /${prefixLength} (-t clients.addresses=...); more ports or a lower rate help too.`
    : 'No IPv4 prefix is large enough: use more ports (clients.ports: 1024-65535), or a lower rate.';
}

function checkNumbering(profile: TrafficProfile, side: 'clients' | 'servers', endpointCount: number): void {
  if (endpointCount <= ENDPOINT_COUNT_MAX) return;
  throw usageError({
    code: 'address-capacity',
    where: whereOf(profile, `${side}.addresses`),
    expected: `at most ${count(ENDPOINT_COUNT_MAX)} endpoints (address and port)${side === 'clients' ? ' for each fNIC' : ''}`,
    got: `${count(endpointCount)} (${describe(profile[side])})`,
    hint: 'Use a longer prefix or fewer ports.',
  });
}

function whereOf({ origins, name }: TrafficProfile, key: string): string {
  return `${origins[key] ?? `profile ${name}`}: ${key}`;
}

function describe({ addressCount, portCount }: Endpoints): string {
  return `${plural(addressCount, 'address', 'addresses')} x ${plural(portCount, 'port', 'ports')}`;
}

function plural(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
