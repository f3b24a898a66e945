import { type Port, picoseconds, type Testbed, UNBOUNDED_BYTES } from '../core/testbed.js';
import type { CardModel } from '../sirius-card/model.js';
import type { BuiltTarget } from '../targets/target.js';
import { tunnelEndsOf, UNDERLAY_PREFIX } from '../targets/underlay.js';

const PORT_COUNT = 2;
/** A packet to a card and back is forwarded twice; so it is here. */
const SWITCHES_PER_PORT = 2;

interface SwitchesOptions {
  model: CardModel;
  fnicCount: number;
}

/** No card: each of the generator's ports leads through two switches in a row and back to itself. */
export function buildSwitches(testbed: Testbed, options: SwitchesOptions): BuiltTarget {
  const ports = Array.from({ length: PORT_COUNT }, (_, port) => buildLoop(testbed, port, options));
  return { ports, tunnelEnds: tunnelEndsOf, cards: [] };
}

function buildLoop(testbed: Testbed, port: number, { model, fnicCount }: SwitchesOptions): Port {
  const { network } = model;
  const addLink = (index: number) =>
    testbed.addLink({
      name: `loop${port + 1}-link${index + 1}`,
      owner: index === 0 ? 'generator' : 'switch',
      latencyNs: index === 0 || index === SWITCHES_PER_PORT ? network.generatorToTorNs : network.torToCardNs,
      rateGbps: network.linkRateGbps,
      bufferBytes: index === 0 ? UNBOUNDED_BYTES : network.linkBufferBytes,
      lookaheadNs: index === 0 ? 0 : network.torForwardingNs,
    });
  const toTarget = addLink(0);
  let input = toTarget;
  for (let index = 1; index <= SWITCHES_PER_PORT; index++) {
    const output = addLink(index);
    addSwitch(testbed, { name: `loop${port + 1}-tor${index}`, input, output, fnicCount, model });
    input = output;
  }
  return { toTarget, fromTarget: input };
}

interface SwitchOptions extends SwitchesOptions {
  name: string;
  input: number;
  output: number;
}

function addSwitch(testbed: Testbed, { name, input, output, fnicCount, model }: SwitchOptions): void {
  const { exports, pool } = testbed;
  const forwardingPs = picoseconds(model.network.torForwardingNs);
  const app = exports.switchCreate(pool, testbed.addPlace(name, 'switch'), UNDERLAY_PREFIX, forwardingPs);
  const port = exports.switchAddPort(app, input, output);
  for (let fnic = 0; fnic < fnicCount; fnic++)
    exports.switchSetRoute(app, tunnelEndsOf(fnic).virtualAddress, port);
  testbed.addApp(app);
}
