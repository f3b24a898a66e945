import type { BackgroundTraffic } from '../generators/background.js';
import type { TrafficProfile } from '../generators/profile.js';
import type { CardModel } from '../sirius-card/model.js';
import type { Target } from '../targets/target-url.js';
import type { AclChoice } from './acl-choice.js';

export interface CpsTrialOptions {
  rateCps: number;
  durationNs: number;
  seed: number;
  profile: TrafficProfile;
  target: Target;
  clock: 'virtual' | 'wall';
  model: CardModel;
  powerWatts: number;
  acl: AclChoice;
  replication: boolean;
  /** Flows that are learned before the measurement and live on beside it. */
  background?: BackgroundTraffic;
  pcap?: { path: string; packets: number };
  /** Of the result; `cps` if left out. */
  kind?: string;
  /** Echo of every input after defaults. */
  input: Record<string, unknown>;
}

export interface TrialProgress {
  /** Since what is going on began. */
  simulatedNs: number;
  durationNs: number;
  wallMs: number;
  /** Per second of that, in `unit`. */
  offered: number;
  achieved: number;
  unit: 'cps' | 'pps';
  lostPackets: number;
  p99Ns: number;
  /** What is going on, when it is not the measurement. */
  stage?: string;
}

export interface TrialHooks {
  onProgress(progress: TrialProgress): void;
  signal: AbortSignal;
}
