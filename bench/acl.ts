import { monotonicNs } from '../core/clock.js';
import { loadDataPlane } from '../core/dataplane-module.js';
import { Random } from '../core/random.js';
import { compilePolicy } from '../sirius-card/acl/compiler.js';
import { type DashScale, generateDashPolicy } from '../sirius-card/acl/dash.js';
import type { AclPacket } from '../sirius-card/acl/rule.js';
import { generateTable4Policy } from '../sirius-card/acl/table4.js';
import * as layout from '../sirius-card/dataplane/acl-layout.js';
import type { Reading } from './figure.js';

export const ACL_MIXES = ['random', 'permitted', '16-policies', 'dash-hero'] as const;

/**
 * What is looked up: tuples from all of the space; traffic that the policy permits, whose addresses lie where the rules crowd;
 * the same with the policies of 16 fNICs in turn, a batch each. These are of the size of Table 4; the last is permitted traffic in
 * one fNIC's policy of DASH's hero test.
 */
export type AclMix = (typeof ACL_MIXES)[number];

export interface AclBenchOptions {
  /** Lookups of one pass. */
  packetCount: number;
  /** The best of so many passes counts: the others were disturbed. */
  passes: number;
  /** What `dash-hero` is measured with: its smoke size has a prefix per rule. */
  dash: DashScale;
}

export const ACL_SIZE: AclBenchOptions = { packetCount: 2 ** 20, passes: 10, dash: 'dash-hero' };
export const ACL_SMOKE: AclBenchOptions = { packetCount: 2 ** 12, passes: 2, dash: 'dash-baby' };

const PERMIT = { clients: { first: 0x0a000000, count: 16384 }, servers: { first: 0xac100000, count: 256 } };
const POLICY_COUNT = 16;
/** Packets of one fNIC in a row, where there are several. */
const BATCH_PACKETS = 32;

/** Lookups per second, on one core. */
export function benchAcl(mix: AclMix, { packetCount, passes, dash }: AclBenchOptions): Reading {
  const { exports, memory } = loadDataPlane();
  const policyCount = mix === '16-policies' ? POLICY_COUNT : 1;
  const { images, imageBytes, compileMs } = loadPolicies(policyCount, mix === 'dash-hero' ? dash : 'table4');
  const addresses = images.map((bytes) => {
    const address = exports.arenaAllocate(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, address);
    return address;
  });
  const tuples = exports.arenaAllocate(packetCount * layout.ACL_TUPLE_BYTES);
  const verdicts = exports.arenaAllocate(packetCount * Int32Array.BYTES_PER_ELEMENT);
  const view = new DataView(memory.buffer);
  const random = new Random(1);
  const makePacket = mix === 'random' ? randomPacket : permittedPacket;
  for (let i = 0; i < packetCount; i++)
    writeTuple(view, tuples + i * layout.ACL_TUPLE_BYTES, makePacket(random));

  const batchPackets = policyCount === 1 ? packetCount : BATCH_PACKETS;
  const pass = () => {
    let allowed = 0;
    for (let at = 0, turn = 0; at < packetCount; at += batchPackets, turn++) {
      const image = addresses[turn % policyCount] as number;
      const count = Math.min(batchPackets, packetCount - at);
      const tuple = tuples + at * layout.ACL_TUPLE_BYTES;
      allowed += exports.aclClassifyMany(image, tuple, count, verdicts + at * Int32Array.BYTES_PER_ELEMENT);
    }
    return allowed;
  };
  const { bestNs, result } = best(pass, passes);
  return {
    figures: [
      { name: 'lookups', unit: 'lookups/s', value: (packetCount * 1e9) / bestNs },
      { name: 'compiled policies', unit: 'bytes', value: imageBytes },
      { name: 'compiling one policy', unit: 'ms', value: compileMs },
    ],
    deterministic: { allowed: result, imageBytes },
  };
}

interface LoadedPolicies {
  images: Uint8Array[];
  imageBytes: number;
  compileMs: number;
}

/** A policy of Table 4 is there before it is compiled; those of DASH are made group by group meanwhile, and their time counts that. */
function loadPolicies(count: number, shape: 'table4' | DashScale): LoadedPolicies {
  const policies = Array.from({ length: count }, (_, fnic) => {
    const options = { seed: 1, fnic, permit: PERMIT };
    return shape === 'table4'
      ? generateTable4Policy(options)
      : generateDashPolicy({ ...options, scale: shape });
  });
  for (const policy of policies.slice(0, 1)) compilePolicy(policy); // The first compilation measures the engine's warming up.
  const startedNs = monotonicNs();
  const images = policies.map((policy) => compilePolicy(policy).bytes);
  const compileMs = Number(monotonicNs() - startedNs) / 1e6 / count;
  return { images, imageBytes: images.reduce((sum, { length }) => sum + length, 0), compileMs };
}

function best(pass: () => number, passes: number): { bestNs: number; result: number } {
  let bestNs = Number.POSITIVE_INFINITY;
  let result = 0;
  for (let passed = 0; passed < passes; passed++) {
    const startedNs = monotonicNs();
    result = pass();
    bestNs = Math.min(bestNs, Number(monotonicNs() - startedNs));
  }
  return { bestNs, result };
}

function writeTuple(view: DataView, tuple: number, packet: AclPacket): void {
  view.setUint32(tuple, packet.sourceAddress, true);
  view.setUint32(tuple + layout.ACL_TUPLE_DESTINATION_ADDRESS_OFFSET, packet.destinationAddress, true);
  view.setUint16(tuple + layout.ACL_TUPLE_SOURCE_PORT_OFFSET, packet.sourcePort, true);
  view.setUint16(tuple + layout.ACL_TUPLE_DESTINATION_PORT_OFFSET, packet.destinationPort, true);
  view.setUint32(tuple + layout.ACL_TUPLE_PROTOCOL_OFFSET, packet.protocol, true);
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
