import { arenaAllocate } from '../../core/dataplane/arena';
import { PROTOCOL_TCP } from '../../core/dataplane/ipv4';
import { frameAlike } from '../../core/dataplane/packet';
import { TEMPLATE_HEAD_BYTES, TemplateOptions, emitTemplate, outerBytes, templateIpv4Sum, templateTcpSum, tunnelEndsOf } from './frame-template';

/** A whole TCP frame of one fNIC and side, and the sums of its inner headers without what a packet fills in. */
@unmanaged
export class FrameTemplate {
  ipv4Sum: u64;
  tcpSum: u64;
  /** Of the outer headers, as `describeFrame` wants them. */
  tunnelEnds: u64;
  frame: usize;
  outerDestination: u32;
  /** What `describeFrameAlike` wants, 16 bytes. */
  alikeLow: u64;
  alikeHigh: u64;
}

// @ts-ignore: decorator
@inline
export function alikeOf(template: FrameTemplate): usize {
  return changetype<usize>(template) + offsetof<FrameTemplate>('alikeLow');
}

export function frameTemplateInit(template: FrameTemplate, options: TemplateOptions): void {
  const frameBytes = outerBytes(options.encapsulation) + options.innerFrameBytes;
  template.frame = arenaAllocate(frameBytes > TEMPLATE_HEAD_BYTES ? frameBytes : TEMPLATE_HEAD_BYTES);
  emitTemplate(template.frame, options);
  template.ipv4Sum = templateIpv4Sum(template.frame, options.encapsulation);
  template.tcpSum = templateTcpSum(template.frame, options.encapsulation);
  template.outerDestination = options.outerDestination;
  template.tunnelEnds = tunnelEndsOf(options);
  frameAlike(alikeOf(template), frameBytes, options.outerDestination, PROTOCOL_TCP, outerBytes(options.encapsulation));
}
