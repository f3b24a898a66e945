import type { Attachment, Testbed } from '../core/testbed.js';
import type { CardModel, PowerState } from '../sirius-card/model.js';
import { buildCards } from './cards.js';
import type { Fabric } from './fabric/fabric.js';
import { buildLoopback } from './loopback.js';
import type { Target } from './target-url.js';

/** What a target is built from; a target takes of it what concerns it. */
export interface TargetOptions {
  model: CardModel;
  powerState: PowerState;
  /** False under the wall clock: links and stages take no modelled time, only the machine's own. */
  modelledTime: boolean;
  fnicCount: number;
  firstVni: number;
  encapsulation: 'vxlan' | 'nvgre';
  /** Address of each fNIC's policy in the data plane (`layOutPolicies`); 0, or none, allows all. */
  acls: readonly number[];
  replication: boolean;
  /** Records that each card's flow table takes before it refuses. */
  flowCapacity: number;
  seed: number;
  /** Puts an impairment into every cable, each with a seed of its own; none if left out. */
  impairmentSeed?: () => bigint;
}

/** A target in a testbed: where to attach, and what can be read of it afterwards. */
export interface BuiltTarget extends Attachment {
  cards: BuiltCard[];
  /** What can be cut and routed anew; absent where there is no network. */
  fabric?: Fabric;
  /** Impairments in its cables: those of the uplinks by ToR, and of the cards' cables by ToR and card; empty when they were not asked for. */
  impairments?: { uplinks: number[]; cables: number[][] };
}

/** Addresses in the data plane, for reading. */
export interface BuiltCard {
  name: string;
  app: number;
  table: number;
  arm: number;
  counters: number;
  transit: number;
  pingPong: number;
}

/** Builds what a target URL names into a testbed. */
export function buildTarget(testbed: Testbed, target: Target, options: TargetOptions): BuiltTarget {
  return target.scheme === 'loopback'
    ? buildLoopback(testbed, options)
    : buildCards(testbed, target.cardCount, options);
}
