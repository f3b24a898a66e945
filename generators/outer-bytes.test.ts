import { expect, test } from 'vitest';
import { buildTunnelFrame } from '../core/packet/frame.js';
import { OUTER_BYTES } from './outer-bytes.js';

// The oracle is the codec of core/packet, which adds header to header.
test.each(['vxlan', 'nvgre'] as const)('%s', (encapsulation) => {
  const innerFrameBytes = 64;
  const frame = buildTunnelFrame({
    outer: { source: 1, destination: 2 },
    encapsulation,
    vni: 1,
    inner: {
      source: 1,
      destination: 2,
      transport: { kind: 'udp', sourcePort: 1, destinationPort: 2 },
      frameBytes: innerFrameBytes,
    },
  });
  expect(frame.length).toBe(OUTER_BYTES[encapsulation] + innerFrameBytes);
});
