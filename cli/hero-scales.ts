import type { BackgroundTraffic } from '../generators/background.js';

/** What a scale of DASH's hero test asks for. */
export interface HeroScale {
  name: HeroScaleName;
  description: string;
  /** As for `--acl`. */
  acl: string;
  /** Laid over the profile `cps`, as `--tunable` would. */
  tunables: string[];
  background?: BackgroundTraffic;
}

export const HERO_SCALE_NAMES = ['1ip', 'baby', 'full'] as const;
export type HeroScaleName = (typeof HERO_SCALE_NAMES)[number];

/** DASH: each flow gets one packet in each direction every 4.9 s, with an idle time of 5 s. */
const REFRESH_NS = 4.9e9;
/** Below the 5.0M flows per second that the ARM cores of a pair at 78 W can learn (32 cores / (3.2 us + 3.2 us)). */
const LEARN_PPS = 3.1e6;

/** As many of each kind; ports that no connection uses. */
function background(flowsOfKind: number): BackgroundTraffic {
  return {
    tcpFlowCount: flowsOfKind,
    udpFlowCount: flowsOfKind,
    refreshNs: REFRESH_NS,
    innerFrameBytes: 64,
    learnPps: LEARN_PPS,
    servers: { firstPort: 8000, portCount: 10 },
  };
}

/** DASH's table of scales: ENIs, policies, background. Of its baby scale it says "about 1% of hero", and means the rules; here it is the background too. */
export const HERO_SCALES: Record<HeroScaleName, HeroScale> = {
  '1ip': {
    name: '1ip',
    description: 'one ENI, one client and one server address, one rule, no background',
    acl: 'dash-1ip',
    tunables: [
      'fnics.count=1',
      'clients.addresses=10.0.0.1',
      'servers.addresses=172.16.0.1',
      // A prime number of ports: every client port meets all of them before a pair comes again.
      'servers.ports=2000-3008',
    ],
  },
  baby: {
    name: 'baby',
    description: '32 ENIs, 1 prefix per rule, 1% of the background: 150k TCP and 150k UDP flows',
    acl: 'dash-baby',
    tunables: ['fnics.count=32'],
    background: background(150_000),
  },
  full: {
    name: 'full',
    description: '32 ENIs, 100 prefixes per rule, 15M TCP and 15M UDP flows in the background',
    acl: 'dash-hero',
    tunables: ['fnics.count=32'],
    background: background(15_000_000),
  },
};
