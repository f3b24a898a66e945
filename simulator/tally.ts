import type { SeedReport } from './seed.js';

/** What a campaign came to. */
export interface CampaignReading {
  seeds: number;
  failed: number[];
  /** Seeds by what their schedules were. */
  kinds: Record<string, number>;
  virtualHours: number;
  packets: number;
  connections: number;
}

const NANOSECONDS_PER_HOUR = 3.6e12;

export class CampaignTally {
  private readonly reading: CampaignReading = {
    ...{ seeds: 0, failed: [], kinds: {}, virtualHours: 0, packets: 0, connections: 0 },
  };

  add({ seed, kind, violations, durationNs, packets, connections }: SeedReport): void {
    const { reading } = this;
    reading.seeds++;
    if (violations.length > 0) reading.failed.push(seed);
    reading.kinds[kind] = (reading.kinds[kind] ?? 0) + 1;
    reading.virtualHours += durationNs / NANOSECONDS_PER_HOUR;
    reading.packets += packets;
    reading.connections += connections;
  }

  read(): CampaignReading {
    return { ...this.reading, failed: [...this.reading.failed].sort((a, b) => a - b) };
  }

  describe(): string {
    const { seeds, failed, kinds, virtualHours, packets, connections } = this.reading;
    const parts = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
    return `${seeds} seeds (${parts.sort().join(', ')}), ${failed.length} failed; ${virtualHours.toFixed(2)} virtual hours, ${connections} connections, ${packets} packets`;
  }
}
