import { formatIpv4 } from '../../core/address.js';
import { readLatencyCounts } from '../../core/latency-counts.js';
import type { BrokenReading } from '../../generators/broken-connections.js';
import { summarizeLatency } from '../../results/histogram.js';
import type { BrokenConnection, EndpointNotes } from '../../results/result.js';
import type { TrialBed } from '../trial-bed.js';

/** Reads what the generator's clients and servers saw of the network. */
export function endpointNotes({ generator, testbed }: TrialBed): EndpointNotes {
  const { repeated, duplicated, reordered } = generator.read();
  return {
    stallNs: summarizeLatency(readLatencyCounts(testbed.dataPlane, generator.stall)),
    repeatedPackets: repeated,
    duplicatedPackets: duplicated,
    reorderedPackets: reordered,
    brokenByFnic: generator.brokenByFnic(),
    broken: generator.broken().map(brokenConnection),
  };
}

function brokenConnection(one: BrokenReading): BrokenConnection {
  const { atNs, startedNs, fnic, clientState, serverState, wasReset } = one;
  return {
    atNs,
    startedNs,
    fnic,
    client: `${formatIpv4(one.clientAddress)}:${one.clientPort}`,
    server: `${formatIpv4(one.serverAddress)}:${one.serverPort}`,
    clientState,
    serverState,
    cause: wasReset ? 'reset' : 'timeout',
  };
}
