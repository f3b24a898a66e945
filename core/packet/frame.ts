import { EtherType, parseEthernet } from './ethernet.js';
import { IcmpType, parseIcmp } from './icmp.js';
import { IpProtocol, parseIpv4 } from './ipv4.js';
import { parseIpv6 } from './ipv6.js';
import { parseNvgre } from './nvgre.js';
import { parseTcp } from './tcp.js';
import { parseUdp } from './udp.js';
import { parseVlan } from './vlan.js';
import { parseVxlan, VXLAN_PORT } from './vxlan.js';

export { buildTunnelFrame, type TunnelFrame } from './tunnel-frame.js';

/** A frame without its check sequence, decoded down to the transport header, through one tunnel. */
export interface FrameDescription {
  kind: 'ethernet';
  /** 48 bits. */
  destination: number;
  source: number;
  vlans: { id: number; priority: number; dropEligible: boolean }[];
  /** Of the payload, behind the tags. */
  etherType: number;
  frameBytes: number;
  /** Bytes behind the end of the IP packet. */
  paddingBytes: number;
  payload: Ipv4Description | Ipv6Description | OpaqueDescription | MalformedDescription;
}

export interface Ipv4Description {
  kind: 'ipv4';
  source: number;
  destination: number;
  protocol: number;
  headerBytes: number;
  totalBytes: number;
  timeToLive: number;
  trafficClass: number;
  identification: number;
  dontFragment: boolean;
  /** A part of a packet; its payload is opaque. */
  isFragment: boolean;
  checksumIsGood: boolean;
  payload: IpPayloadDescription;
}

export interface Ipv6Description {
  kind: 'ipv6';
  source: bigint;
  destination: bigint;
  nextHeader: number;
  payloadBytes: number;
  hopLimit: number;
  trafficClass: number;
  flowLabel: number;
  payload: IpPayloadDescription;
}

export type IpPayloadDescription =
  | TcpDescription
  | UdpDescription
  | IcmpDescription
  | NvgreDescription
  | OpaqueDescription
  | MalformedDescription;

export interface TcpDescription {
  kind: 'tcp';
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  /** Bits of `TcpFlag`. */
  flags: number;
  window: number;
  headerBytes: number;
  payloadBytes: number;
  checksumIsGood: boolean;
}

export interface UdpDescription {
  kind: 'udp';
  sourcePort: number;
  destinationPort: number;
  segmentBytes: number;
  payloadBytes: number;
  /** Zero means not computed, which is good over IPv4 only. */
  checksum: number;
  checksumIsGood: boolean;
  payload: VxlanDescription | OpaqueDescription | MalformedDescription;
}

export interface IcmpDescription {
  kind: 'icmp';
  type: number;
  code: number;
  checksumIsGood: boolean;
  /** Only of echo messages. */
  echo?: { identifier: number; sequence: number };
}

export interface VxlanDescription {
  kind: 'vxlan';
  vni: number;
  reserved: number;
  inner: FrameDescription | MalformedDescription;
}

export interface NvgreDescription {
  kind: 'nvgre';
  vsid: number;
  flowId: number;
  inner: FrameDescription | MalformedDescription;
}

/** Well-formed as far as it was read, of a protocol that is not decoded here. */
export interface OpaqueDescription {
  kind: 'opaque';
  bytes: number;
}

/** The header of `layer` does not fit what is there, or contradicts itself. */
export interface MalformedDescription {
  kind: 'malformed';
  layer: 'ethernet' | 'vlan' | 'ipv4' | 'ipv6' | 'tcp' | 'udp' | 'icmp' | 'vxlan';
  bytes: number;
}

/** Tags that are read; a third one is opaque. */
export const VLAN_TAGS_MAX = 2;
/** Tunnels that are looked into; within the inner frame VXLAN is plain UDP. */
export const TUNNEL_DEPTH_MAX = 1;

/** Decodes a whole frame; never throws. It checks every length and checksum, so it is the oracle for the data plane. */
export function describeFrame(bytes: Uint8Array): FrameDescription | MalformedDescription {
  return describeEthernet({ bytes, offset: 0, end: bytes.length, depth: 0 });
}

/** Every malformed layer and bad checksum of a frame, outermost first; empty when a strict receiver would take it. */
export function frameProblems(frame: FrameDescription | MalformedDescription): string[] {
  const problems: string[] = [];
  let node: AnyDescription | undefined = frame;
  while (node !== undefined) {
    if (node.kind === 'malformed') problems.push(`malformed ${node.layer}`);
    if ('checksumIsGood' in node && !node.checksumIsGood) problems.push(`bad ${node.kind} checksum`);
    node = 'payload' in node ? node.payload : 'inner' in node ? node.inner : undefined;
  }
  return problems;
}

type AnyDescription =
  | FrameDescription
  | FrameDescription['payload']
  | IpPayloadDescription
  | UdpDescription['payload'];

/** What is still to be read: `bytes` from `offset` to `end`, inside `depth` tunnels. */
interface Span {
  bytes: Uint8Array;
  offset: number;
  end: number;
  depth: number;
}

interface IpContext {
  source: number | bigint;
  destination: number | bigint;
  protocol: number;
}

function describeEthernet(span: Span): FrameDescription | MalformedDescription {
  const { offset, end } = span;
  const bytes = span.bytes.subarray(0, end);
  const ethernet = parseEthernet(bytes, offset);
  if (ethernet === undefined) return malformed('ethernet', span);
  const { destination, source } = ethernet;
  const vlans: FrameDescription['vlans'] = [];
  let { etherType, payloadOffset } = ethernet;
  const about = () => ({
    kind: 'ethernet' as const,
    destination,
    source,
    vlans,
    etherType,
    frameBytes: end - offset,
  });
  while (isVlan(etherType) && vlans.length < VLAN_TAGS_MAX) {
    const tag = parseVlan(bytes, payloadOffset);
    const rest = { ...span, offset: payloadOffset };
    if (tag === undefined) return { ...about(), paddingBytes: 0, payload: malformed('vlan', rest) };
    vlans.push({ id: tag.id, priority: tag.priority, dropEligible: tag.dropEligible });
    ({ etherType, payloadOffset } = tag);
  }
  const { payload, payloadEnd } = describeNetwork(etherType, { ...span, bytes, offset: payloadOffset });
  return { ...about(), paddingBytes: end - payloadEnd, payload };
}

function isVlan(etherType: number): boolean {
  return etherType === EtherType.vlan || etherType === EtherType.vlanService;
}

function describeNetwork(
  etherType: number,
  span: Span,
): { payload: FrameDescription['payload']; payloadEnd: number } {
  const { bytes, offset, end } = span;
  if (etherType === EtherType.ipv4) {
    const ip = parseIpv4(bytes, offset);
    if (ip === undefined) return { payload: malformed('ipv4', span), payloadEnd: end };
    const rest = { ...span, offset: ip.payloadOffset, end: ip.end };
    const { source, destination, protocol, headerBytes, totalBytes, timeToLive, trafficClass } = ip;
    const { identification, dontFragment, isFragment, checksumIsGood } = ip;
    const about = { source, destination, protocol, headerBytes, totalBytes, timeToLive, trafficClass };
    const payload = isFragment ? opaque(rest) : describeTransport(ip, rest);
    const more = { identification, dontFragment, isFragment, checksumIsGood, payload };
    return { payload: { kind: 'ipv4', ...about, ...more }, payloadEnd: ip.end };
  }
  if (etherType === EtherType.ipv6) {
    const ip = parseIpv6(bytes, offset);
    if (ip === undefined) return { payload: malformed('ipv6', span), payloadEnd: end };
    const { source, destination, nextHeader, payloadBytes, hopLimit, trafficClass, flowLabel } = ip;
    const about = { source, destination, nextHeader, payloadBytes, hopLimit, trafficClass, flowLabel };
    const context = { source, destination, protocol: nextHeader };
    const payload = describeTransport(context, { ...span, offset: ip.payloadOffset, end: ip.end });
    return { payload: { kind: 'ipv6', ...about, payload }, payloadEnd: ip.end };
  }
  return { payload: opaque(span), payloadEnd: end };
}

function describeTransport(context: IpContext, span: Span): IpPayloadDescription {
  const { source, protocol } = context;
  if (protocol === IpProtocol.tcp) return describeTcp(context, span);
  if (protocol === IpProtocol.udp) return describeUdp(context, span);
  if (protocol === (typeof source === 'number' ? IpProtocol.icmp : IpProtocol.icmpv6))
    return describeIcmp(context, span);
  if (protocol !== IpProtocol.gre || span.depth >= TUNNEL_DEPTH_MAX) return opaque(span);
  const nvgre = parseNvgre(span.bytes, span.offset, span.end);
  if (nvgre === undefined) return opaque(span);
  const { vsid, flowId, payloadOffset } = nvgre;
  return { kind: 'nvgre', vsid, flowId, inner: describeInner(span, payloadOffset) };
}

function describeTcp({ source, destination }: IpContext, span: Span): TcpDescription | MalformedDescription {
  const tcp = parseTcp(span.bytes, span.offset, span.end);
  if (tcp === undefined) return malformed('tcp', span);
  const { sourcePort, destinationPort, sequence, acknowledgement, flags, window, headerBytes } = tcp;
  return {
    kind: 'tcp',
    ...{ sourcePort, destinationPort, sequence, acknowledgement, flags, window, headerBytes },
    payloadBytes: span.end - tcp.payloadOffset,
    checksumIsGood: tcp.checksumIsGood(source, destination),
  };
}

function describeUdp({ source, destination }: IpContext, span: Span): UdpDescription | MalformedDescription {
  const udp = parseUdp(span.bytes, span.offset, span.end);
  if (udp === undefined) return malformed('udp', span);
  const { sourcePort, destinationPort, segmentBytes, checksum, payloadOffset } = udp;
  const rest = { ...span, offset: payloadOffset, end: udp.end };
  const isTunnel = destinationPort === VXLAN_PORT && span.depth < TUNNEL_DEPTH_MAX;
  return {
    kind: 'udp',
    ...{ sourcePort, destinationPort, segmentBytes, checksum },
    payloadBytes: udp.end - payloadOffset,
    checksumIsGood: udp.checksumIsGood(source, destination),
    payload: isTunnel ? describeVxlan(rest) : opaque(rest),
  };
}

function describeVxlan(span: Span): VxlanDescription | MalformedDescription {
  const vxlan = parseVxlan(span.bytes, span.offset, span.end);
  if (!vxlan?.hasVni) return malformed('vxlan', span);
  const { vni, reserved, payloadOffset } = vxlan;
  return { kind: 'vxlan', vni, reserved, inner: describeInner(span, payloadOffset) };
}

function describeInner(span: Span, offset: number): FrameDescription | MalformedDescription {
  return describeEthernet({ ...span, offset, depth: span.depth + 1 });
}

function describeIcmp(context: IpContext, span: Span): IcmpDescription | MalformedDescription {
  const icmp = parseIcmp(span.bytes, span.offset, span.end);
  if (icmp === undefined) return malformed('icmp', span);
  const { type, code, identifier, sequence } = icmp;
  const echoTypes: number[] =
    typeof context.source === 'number'
      ? [IcmpType.echoRequest, IcmpType.echoReply]
      : [IcmpType.echoRequestV6, IcmpType.echoReplyV6];
  return {
    kind: 'icmp',
    ...{ type, code, checksumIsGood: icmp.checksumIsGood(context) },
    ...(echoTypes.includes(type) ? { echo: { identifier, sequence } } : {}),
  };
}

function opaque({ offset, end }: Span): OpaqueDescription {
  return { kind: 'opaque', bytes: end - offset };
}

function malformed(layer: MalformedDescription['layer'], { offset, end }: Span): MalformedDescription {
  return { kind: 'malformed', layer, bytes: end - offset };
}
