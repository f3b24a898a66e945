import type { ControlTiming } from './timing.js';

type HeartbeatTiming = Pick<ControlTiming, 'heartbeatIntervalNs' | 'heartbeatMissesMax'>;

/** One card's opinion of its peer, from heartbeats over several paths (section 3.2): dead when all of them were silent for too long. */
export class HeartbeatMonitor {
  private heardNs: number;

  constructor(
    private readonly timing: HeartbeatTiming,
    startNs: number,
  ) {
    this.heardNs = startNs;
  }

  /** A heartbeat came, by whichever path. */
  hear(nowNs: number): void {
    this.heardNs = nowNs;
  }

  isPeerAlive(nowNs: number): boolean {
    const { heartbeatIntervalNs, heartbeatMissesMax } = this.timing;
    return nowNs - this.heardNs < heartbeatIntervalNs * heartbeatMissesMax;
  }
}
