import { type Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import type { BuiltTarget, TargetOptions } from './target.js';
import { GENERATOR_PORT_COUNT, tunnelEndsOf } from './underlay.js';

/** The generator's ports wired to themselves: no card, so what the generator alone can do. */
export function buildLoopback(testbed: Testbed, { model, modelledTime }: TargetOptions): BuiltTarget {
  const ports = [];
  for (let port = 0; port < GENERATOR_PORT_COUNT; port++) {
    const link = testbed.addLink({
      name: `generator-loopback${port + 1}`,
      owner: 'generator',
      latencyNs: modelledTime ? model.network.generatorToTorNs : 0,
      rateGbps: modelledTime ? model.network.linkRateGbps : 0,
      bufferBytes: UNBOUNDED_BYTES,
      lookaheadNs: 0,
    });
    ports.push({ toTarget: link, fromTarget: link });
  }
  return { ports, tunnelEnds: tunnelEndsOf, cards: [] };
}
