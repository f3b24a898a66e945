import assert from 'node:assert';
import {
  DROP_REASON_COUNT,
  DropReason,
  PICOSECONDS_PER_NANOSECOND,
  PLACE_COUNT_MAX,
} from './dataplane/contract.js';
import type { DataPlane, DataPlaneExports } from './dataplane-module.js';

/** Who answers for the packets lost at a place: a link's buffer belongs to the node that sends into it. */
export type PlaceOwner = 'generator' | 'switch' | 'card';

export interface LinkOptions {
  name: string;
  owner: PlaceOwner;
  latencyNs: number;
  /** 0: takes no time on the wire. */
  rateGbps: number;
  bufferBytes: number;
  /** The least time from an event at the sender to the packet it sends for it. */
  lookaheadNs: number;
}

export interface TestbedOptions {
  /** Packets that can be under way at one time. */
  packetCount: number;
  frameBytesMax: number;
}

/** Where a generator meets a target: one duplex cable, as two links (addresses in the data plane). */
export interface Port {
  toTarget: number;
  fromTarget: number;
}

/** Tunnel ends of one fNIC's traffic: IPv4 in host order, Ethernet addresses as 48-bit numbers. */
export interface TunnelEnds {
  virtualAddress: number;
  /** Host of the virtual machine. */
  hostAddress: number;
  /** Host on the network's side. */
  networkAddress: number;
  switchMac: bigint;
  hostMac: bigint;
  networkMac: bigint;
}

/** What a target offers a generator: ports to send into, and for each fNIC where its traffic is to go. */
export interface Attachment {
  ports: Port[];
  tunnelEnds(fnic: number): TunnelEnds;
}

export interface Drop {
  place: string;
  owner: PlaceOwner;
  reason: string;
  count: number;
}

/** 8 bits of a nanosecond each. */
export const PICOSECONDS_PER_BYTE_AT_ONE_GBPS = 8000;

/** A packet may wait for its link for ever: the generator's own ports, whose waiting is its schedule lag. */
export const UNBOUNDED_BYTES = Number.POSITIVE_INFINITY;

/** Converts nanoseconds, with up to three decimals, into the data plane's picoseconds. */
export function picoseconds(ns: number): bigint {
  return BigInt(Math.round(ns * PICOSECONDS_PER_NANOSECOND));
}

/** Time on the wire of a byte at a rate, if it is a whole number of picoseconds: what links can count. */
export function wholePsPerByte(rateGbps: number): number | undefined {
  const psPerByte = PICOSECONDS_PER_BYTE_AT_ONE_GBPS / rateGbps;
  const whole = Math.round(psPerByte);
  // A rate in decimals is itself rounded, and so is the quotient.
  return whole >= 1 && Math.abs(psPerByte - whole) <= whole * 4 * Number.EPSILON ? whole : undefined;
}

/** Apps and links in one data plane, with names for the places where packets can be lost. */
export class Testbed {
  readonly dataPlane: DataPlane;
  readonly pool: number;
  private readonly places: { name: string; owner: PlaceOwner }[] = [];

  constructor(dataPlane: DataPlane, { packetCount, frameBytesMax }: TestbedOptions) {
    this.dataPlane = dataPlane;
    this.pool = dataPlane.exports.poolCreate(packetCount, frameBytesMax);
  }

  get exports(): DataPlaneExports {
    return this.dataPlane.exports;
  }

  addPlace(name: string, owner: PlaceOwner): number {
    if (this.places.length === PLACE_COUNT_MAX) throw new Error(`more than ${PLACE_COUNT_MAX} places`);
    return this.places.push({ name, owner }) - 1;
  }

  addApp(app: number): void {
    this.exports.engineAddApp(app);
  }

  addLink({ name, owner, latencyNs, rateGbps, bufferBytes, lookaheadNs }: LinkOptions): number {
    const psPerByte = rateGbps === 0 ? 0 : wholePsPerByte(rateGbps);
    assert(
      psPerByte !== undefined,
      `link ${name}: ${rateGbps} Gbps takes no whole number of picoseconds a byte`,
    );
    const isUnbounded = bufferBytes === UNBOUNDED_BYTES || psPerByte === 0;
    const bufferPs = isUnbounded ? 1n << 62n : BigInt(Math.round(bufferBytes * psPerByte));
    const link = this.exports.linkCreate(
      this.pool,
      this.addPlace(name, owner),
      picoseconds(latencyNs),
      psPerByte,
      bufferPs,
    );
    this.exports.engineAddLink(link, picoseconds(lookaheadNs));
    return link;
  }

  /** Packets taken from the pool and not yet given back: the ledger's third account, counted apart from the other two. */
  inFlight(): number {
    return this.exports.poolOutstanding(this.pool);
  }

  /** Every place and reason with a loss, in order of place. */
  drops(): Drop[] {
    const counters = this.counters(this.exports.dropCountersAddress(), PLACE_COUNT_MAX * DROP_REASON_COUNT);
    const drops: Drop[] = [];
    for (const [index, { name, owner }] of this.places.entries()) {
      for (let reason = 0; reason < DROP_REASON_COUNT; reason++) {
        const count = Number(counters[index * DROP_REASON_COUNT + reason]);
        if (count > 0)
          drops.push({ place: name, owner, reason: DropReason[reason] ?? `reason${reason}`, count });
      }
    }
    return drops;
  }

  /** A view of u64 counters in the data plane. */
  counters(address: number, count: number): BigUint64Array {
    return new BigUint64Array(this.dataPlane.memory.buffer, address, count);
  }
}
