import { arenaAllocate } from '../../core/dataplane/arena';
import { TemplateOptions, emitTemplate, outerBytes, templateIpv4Sum, templateTcpSum } from './frame-template';

/** A whole TCP frame of one fNIC and side, and the sums of its inner headers without what a packet fills in. */
@unmanaged
export class FrameTemplate {
  ipv4Sum: u64;
  tcpSum: u64;
  frame: usize;
  outerDestination: u32;
}

export function frameTemplateInit(template: FrameTemplate, options: TemplateOptions): void {
  const frameBytes = outerBytes(options.encapsulation) + options.innerFrameBytes;
  template.frame = arenaAllocate((frameBytes + 15) & ~15);
  emitTemplate(template.frame, options);
  template.ipv4Sum = templateIpv4Sum(template.frame, options.encapsulation);
  template.tcpSum = templateTcpSum(template.frame, options.encapsulation);
  template.outerDestination = options.outerDestination;
}
