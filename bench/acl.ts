import { monotonicNs } from '../core/clock.js';
import { Random } from '../core/random.js';
import { AclClassifier } from '../sirius-card/acl/classifier.js';
import { compilePolicy } from '../sirius-card/acl/compiler.js';
import type { AclPacket } from '../sirius-card/acl/rule.js';
import { generateTable4Policy } from '../sirius-card/acl/table4.js';

export interface AclBenchmark {
  name: string;
  lookupsPerSecond: number;
  imageBytes: number;
  compileMilliseconds: number;
}

export interface AclBenchmarkOptions {
  /** Lookups of one round: 2^20, or few in a test. */
  packetCount?: number;
  /** The best of so many rounds counts: the others were disturbed. */
  rounds?: number;
}

const PERMIT = { clients: { first: 0x0a000000, count: 16384 }, servers: { first: 0xac100000, count: 256 } };

/** Lookups per second, on one core, in a policy of the size of Table 4: of tuples from all of the space, and of permitted traffic. */
export function benchAcl({ packetCount = 2 ** 20, rounds = 10 }: AclBenchmarkOptions = {}): AclBenchmark[] {
  const policy = generateTable4Policy({ seed: 1, fnic: 0, permit: PERMIT });
  compilePolicy(policy); // The first compilation measures the engine's warming up.
  const compileStartNs = monotonicNs();
  const image = compilePolicy(policy);
  const compileMilliseconds = Number(monotonicNs() - compileStartNs) / 1e6;
  const classifier = new AclClassifier(image, { packetCountMax: packetCount });
  const random = new Random(1);
  const mixes = { 'acl table4 random': randomPacket, 'acl table4 permitted': permittedPacket };
  return Object.entries(mixes).map(([name, makePacket]) => {
    classifier.load(Array.from({ length: packetCount }, () => makePacket(random)));
    const lookupsPerSecond = bestRate(() => classifier.run(packetCount), { packetCount, rounds });
    return { name, lookupsPerSecond, imageBytes: image.bytes.length, compileMilliseconds };
  });
}

function bestRate(run: () => void, { packetCount, rounds }: { packetCount: number; rounds: number }): number {
  let bestNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startNs = monotonicNs();
    run();
    bestNs = Math.min(bestNs, Number(monotonicNs() - startNs));
  }
  return (packetCount * 1e9) / bestNs;
}

function randomPacket(random: Random): AclPacket {
  return {
    sourceAddress: random.nextU32(),
    destinationAddress: random.nextU32(),
    sourcePort: random.below(65536),
    destinationPort: random.below(65536),
    protocol: random.pick([6, 17]),
  };
}

function permittedPacket(random: Random): AclPacket {
  return {
    sourceAddress: PERMIT.clients.first + random.below(PERMIT.clients.count),
    destinationAddress: PERMIT.servers.first + random.below(PERMIT.servers.count),
    sourcePort: 1024 + random.below(64512),
    destinationPort: random.pick([80, 443]),
    protocol: random.pick([6, 17]),
  };
}
