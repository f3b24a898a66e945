import { arenaAllocate } from '../../core/dataplane/arena';
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
}

export function frameTemplateInit(template: FrameTemplate, options: TemplateOptions): void {
  const frameBytes = outerBytes(options.encapsulation) + options.innerFrameBytes;
  template.frame = arenaAllocate(frameBytes > TEMPLATE_HEAD_BYTES ? frameBytes : TEMPLATE_HEAD_BYTES);
  emitTemplate(template.frame, options);
  template.ipv4Sum = templateIpv4Sum(template.frame, options.encapsulation);
  template.tcpSum = templateTcpSum(template.frame, options.encapsulation);
  template.outerDestination = options.outerDestination;
  template.tunnelEnds = tunnelEndsOf(options);
}
