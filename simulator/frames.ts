import { PICOSECONDS_PER_NANOSECOND } from '../core/dataplane/contract.js';
import { checksum, checksumIsGood, pseudoHeaderSum } from '../core/packet/checksum.js';
import { buildTunnelFrame } from '../core/packet/frame.js';
import type { TunnelEnds } from '../core/testbed.js';
import { type FlowPlan, INITIATOR_PORT_FIRST, type Side } from './traffic.js';

export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;

/** What hosts read of a packet. Numbers count from the initial sequence number of a connection's sender; `incarnation` tells connections apart that follow one another on one path. */
export interface Segment {
  flow: number;
  from: Side;
  incarnation: number;
  /** TCP flags; 0 of a datagram. */
  flags: number;
  sequence: number;
  acknowledgement: number;
}

/** A segment as it came. */
export interface Delivery extends Segment {
  atNs: number;
}

/** In TCP sequence numbers, above the number. */
const INCARNATION_SHIFT = 20;
const NUMBER_MASK = (1 << INCARNATION_SHIFT) - 1;

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const TCP_BYTES = 20;
const PROTOCOL_TCP = 6;
const INNER_FRAME_BYTES = 64;
export const FRAME_BYTES_MAX = 128;

export type Encapsulation = 'vxlan' | 'nvgre';

const TUNNEL_BYTES: Record<Encapsulation, number> = { vxlan: 16, nvgre: 8 };

/** Writes and reads the frames of hosts, right to the last checksum. Templates are kept, since most of a flow's frames is the same. */
export class FrameFormat {
  private readonly innerIp: number;
  private readonly templates = new Map<string, Uint8Array>();

  constructor(
    private readonly encapsulation: Encapsulation,
    private readonly firstVni: number,
    private readonly endsOf: (fnic: number) => TunnelEnds,
  ) {
    this.innerIp = ETHERNET_BYTES + IPV4_BYTES + TUNNEL_BYTES[encapsulation] + ETHERNET_BYTES;
  }

  /** The frame that a segment is sent as; good until the next one of the same side of the flow. */
  write(plan: FlowPlan, { from, incarnation, flags, sequence, acknowledgement }: Segment): Uint8Array {
    const key = `${plan.id} ${from}`;
    let frame = this.templates.get(key);
    if (frame === undefined) {
      frame = this.build(plan, from);
      this.templates.set(key, frame);
    }
    if (plan.protocol === 'udp') return frame;
    const tcp = this.innerIp + IPV4_BYTES;
    const view = new DataView(frame.buffer, tcp, TCP_BYTES);
    const base = incarnation << INCARNATION_SHIFT;
    view.setUint32(4, (base | sequence) >>> 0);
    view.setUint32(8, (flags & TCP_ACK) === 0 ? 0 : (base | acknowledgement) >>> 0);
    view.setUint8(13, flags);
    view.setUint16(16, 0);
    const { source, destination } = addresses(plan, from);
    const sum = pseudoHeaderSum({ source, destination, protocol: PROTOCOL_TCP, segmentBytes: TCP_BYTES });
    view.setUint16(16, checksum(frame.subarray(tcp, tcp + TCP_BYTES), sum));
    return frame;
  }

  /** Undefined: no host takes such a frame. */
  read(frame: Uint8Array, arrivalPs: bigint, plans: readonly FlowPlan[]): Delivery | undefined {
    const { innerIp } = this;
    const outer = frame.subarray(ETHERNET_BYTES, ETHERNET_BYTES + IPV4_BYTES);
    const inner = frame.subarray(innerIp, innerIp + IPV4_BYTES);
    if (!checksumIsGood(outer) || !checksumIsGood(inner)) return undefined;
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const transport = innerIp + IPV4_BYTES;
    const ports = [view.getUint16(transport), view.getUint16(transport + 2)] as const;
    const from: Side = ports[0] >= INITIATOR_PORT_FIRST ? 'initiator' : 'responder';
    const flow = ports[from === 'initiator' ? 0 : 1] - INITIATOR_PORT_FIRST;
    const plan = plans[flow];
    const isTcp = view.getUint8(innerIp + 9) === PROTOCOL_TCP;
    if (plan === undefined || isTcp !== (plan.protocol === 'tcp')) return undefined;
    const { source, destination } = addresses(plan, from);
    if (view.getUint32(innerIp + 12) !== source || view.getUint32(innerIp + 16) !== destination)
      return undefined;
    const atNs = Number(arrivalPs) / PICOSECONDS_PER_NANOSECOND;
    if (!isTcp) return { flow, from, atNs, incarnation: 0, flags: 0, sequence: 0, acknowledgement: 0 };
    const sum = pseudoHeaderSum({ source, destination, protocol: PROTOCOL_TCP, segmentBytes: TCP_BYTES });
    if (!checksumIsGood(frame.subarray(transport, transport + TCP_BYTES), sum)) return undefined;
    const number = view.getUint32(transport + 4);
    return {
      ...{ flow, from, atNs, flags: view.getUint8(transport + 13) },
      incarnation: number >>> INCARNATION_SHIFT,
      sequence: number & NUMBER_MASK,
      acknowledgement: view.getUint32(transport + 8) & NUMBER_MASK,
    };
  }

  private build(plan: FlowPlan, from: Side): Uint8Array {
    const ends = this.endsOf(plan.fnic);
    const isFromMachine = (from === 'initiator') === plan.isOutbound;
    const initiatorPort = INITIATOR_PORT_FIRST + plan.id;
    const [sourcePort, destinationPort] =
      from === 'initiator' ? [initiatorPort, plan.servicePort] : [plan.servicePort, initiatorPort];
    const ports = { sourcePort, destinationPort };
    return buildTunnelFrame({
      outer: {
        source: isFromMachine ? ends.hostAddress : ends.networkAddress,
        destination: ends.virtualAddress,
      },
      encapsulation: this.encapsulation,
      vni: this.firstVni + plan.fnic,
      inner: {
        ...addresses(plan, from),
        transport:
          plan.protocol === 'udp'
            ? { kind: 'udp', ...ports }
            : { kind: 'tcp', ...ports, sequence: 0, acknowledgement: 0, flags: 0, window: 65535 },
        frameBytes: INNER_FRAME_BYTES,
      },
    });
  }
}

function addresses(plan: FlowPlan, from: Side): { source: number; destination: number } {
  const isFromMachine = (from === 'initiator') === plan.isOutbound;
  const [source, destination] = isFromMachine
    ? [plan.machineAddress, plan.networkAddress]
    : [plan.networkAddress, plan.machineAddress];
  return { source, destination };
}
