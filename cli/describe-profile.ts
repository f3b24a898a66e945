import { formatIpv4 } from '../core/address.js';
import { formatDurationNs, formatRate } from '../core/units.js';
import { type Endpoints, loadProfile, type TrafficProfile } from '../generators/profile.js';
import { renderColumns } from './columns.js';

/** A profile as it would be offered, with the origin of every key. */
export function describeProfile(
  nameOrPath: string,
  { tunables, columns }: { tunables: readonly string[]; columns: number },
): { profile: TrafficProfile; text: string } {
  const profile = loadProfile(nameOrPath, { tunables });
  const { origins, tcp } = profile;
  const values: [string, string][] = [
    ['rate', formatRate(profile.rateCps, 'cps')],
    ['arrivals', profile.arrivals],
    ['encapsulation', profile.encapsulation],
    ['innerFrameBytes', String(profile.innerFrameBytes)],
    ['fnics.count', String(profile.fnicCount)],
    ['fnics.firstVni', String(profile.firstVni)],
    ...endpointValues('clients', profile.clients),
    ...endpointValues('servers', profile.servers),
    ['tcp.synTimeout', formatDurationNs(tcp.synTimeoutNs)],
    ['tcp.finTimeout', formatDurationNs(tcp.finTimeoutNs)],
    ['tcp.maxRetransmissions', String(tcp.maxRetransmissions)],
    ['tcp.connectionTimeout', formatDurationNs(tcp.connectionTimeoutNs)],
    ['tcp.hold', formatDurationNs(tcp.holdNs)],
    ['tcp.serverTurnaround', formatDurationNs(tcp.serverTurnaroundNs)],
    ['tcp.clientTurnaround', formatDurationNs(tcp.clientTurnaroundNs)],
    ['tcp.timerTick', formatDurationNs(tcp.timerTickNs)],
    ['tcp.finBeforeAck', tcp.finBeforeAck],
  ];
  const rows = values.map(([key, value]) => [key, value, shortOrigin(origins[key] ?? '')]);
  const table = renderColumns([['KEY', 'VALUE', 'SET BY'], ...rows], { columns });
  return { profile, text: `${profile.name}: ${profile.description}\n\n${table}` };
}

function endpointValues(side: 'clients' | 'servers', endpoints: Endpoints): [string, string][] {
  const { firstAddress, addressCount, firstPort, portCount, order } = endpoints;
  const addresses = `${formatIpv4(firstAddress)} - ${formatIpv4(firstAddress + addressCount - 1)}`;
  return [
    [`${side}.addresses`, `${addresses} (${addressCount})`],
    [`${side}.ports`, portCount === 1 ? String(firstPort) : `${firstPort}-${firstPort + portCount - 1}`],
    [`${side}.order`, order],
  ];
}

/** The file without its folder: the line matters, the place of the installation does not. */
function shortOrigin(origin: string): string {
  return origin.slice(origin.lastIndexOf('/') + 1);
}
