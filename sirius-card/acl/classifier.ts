import { type DataPlane, type DataPlaneBuild, loadDataPlane } from '../../core/dataplane-module.js';
import * as layout from '../dataplane/acl-layout.js';
import type { AclImage } from './compiler.js';
import { ACL_DIRECTIONS, type AclPacket } from './rule.js';

/** Runs a compiled policy in a data plane of its own, many packets at a time: for tests, benchmarks and questions about a policy. */
export class AclClassifier {
  readonly #dataPlane: DataPlane;
  readonly #image: number;
  readonly #tuples: number;
  readonly #verdicts: number;

  constructor(
    image: AclImage,
    { packetCountMax, build }: { packetCountMax: number; build?: DataPlaneBuild },
  ) {
    this.#dataPlane = loadDataPlane({ build: build ?? 'release' });
    const { arenaAllocate } = this.#dataPlane.exports;
    this.#image = arenaAllocate(image.bytes.length);
    this.#tuples = arenaAllocate(packetCountMax * layout.ACL_TUPLE_BYTES);
    this.#verdicts = arenaAllocate(packetCountMax * Int32Array.BYTES_PER_ELEMENT);
    new Uint8Array(this.#dataPlane.memory.buffer).set(image.bytes, this.#image);
  }

  /** Verdicts by packet (see `aclClassify`): at least 0 to allow, below 0 to deny. At most `packetCountMax` packets. */
  classify(packets: readonly AclPacket[]): Int32Array {
    this.load(packets);
    this.run(packets.length);
    return new Int32Array(this.#dataPlane.memory.buffer, this.#verdicts, packets.length).slice();
  }

  /** Puts packets before the classifier. */
  load(packets: readonly AclPacket[]): void {
    const view = new DataView(this.#dataPlane.memory.buffer);
    for (const [i, packet] of packets.entries()) {
      const tuple = this.#tuples + i * layout.ACL_TUPLE_BYTES;
      view.setUint32(tuple, packet.sourceAddress, true);
      view.setUint32(tuple + layout.ACL_TUPLE_DESTINATION_ADDRESS_OFFSET, packet.destinationAddress, true);
      view.setUint16(tuple + layout.ACL_TUPLE_SOURCE_PORT_OFFSET, packet.sourcePort, true);
      view.setUint16(tuple + layout.ACL_TUPLE_DESTINATION_PORT_OFFSET, packet.destinationPort, true);
      view.setUint16(tuple + layout.ACL_TUPLE_PROTOCOL_OFFSET, packet.protocol, true);
      view.setUint16(tuple + layout.ACL_TUPLE_DIRECTION_OFFSET, directionNumber(packet), true);
    }
  }

  /** Classifies the first `count` of the packets that were put before it; returns how many are allowed. */
  run(count: number): number {
    return this.#dataPlane.exports.aclClassifyMany(this.#image, this.#tuples, count, this.#verdicts);
  }
}

function directionNumber({ direction = 'outbound' }: AclPacket): number {
  return ACL_DIRECTIONS.indexOf(direction);
}
