import { App } from './app';
import { APP_COUNT_MAX, LINK_COUNT_MAX } from './contract';
import { Link, linkHeadPs, linkSetPresent } from './link';

/**
 * Steps apps through virtual time. Because a packet sent in a window of `windowPs` arrives after its end (links have latency,
 * apps have lookahead), the apps of one window do not hang on each other, each takes its packets as a batch, and the outcome
 * does not depend on where windows begin.
 */
const apps: usize = memory.data(4 * APP_COUNT_MAX, 64);
const links: usize = memory.data(4 * LINK_COUNT_MAX, 64);
let appCount: u32 = 0;
let linkCount: u32 = 0;
let windowPs: i64 = i64.MAX_VALUE;
let nowPs: i64 = 0;

export function engineAddApp(app: App): void {
  assert(appCount < <u32>APP_COUNT_MAX);
  store<u32>(apps + (appCount++ << 2), <u32>changetype<usize>(app));
}

/** Adds a link whose sender looks `lookaheadPs` ahead (the least time from an event at the sender to the packet it sends for it): the window shrinks to what the two allow. */
export function engineAddLink(link: Link, lookaheadPs: i64): void {
  assert(linkCount < <u32>LINK_COUNT_MAX);
  store<u32>(links + (linkCount++ << 2), <u32>changetype<usize>(link));
  const aheadPs = lookaheadPs + link.latencyPs;
  if (aheadPs < windowPs) windowPs = aheadPs;
}

export function engineWindowPs(): i64 {
  return windowPs;
}

export function engineNowPs(): i64 {
  return nowPs;
}

/** Runs the virtual clock up to `untilPs`; every event before it is handled. */
export function engineRun(untilPs: i64): void {
  assert(windowPs > 0);
  while (nowPs < untilPs) {
    const eventPs = nextEventPs();
    if (eventPs >= untilPs) break;
    const startPs = eventPs > nowPs ? eventPs : nowPs;
    // Written so that it cannot overflow when there is no link at all.
    const endPs = untilPs - startPs > windowPs ? startPs + windowPs : untilPs;
    stepAll(endPs);
    nowPs = endPs;
  }
  nowPs = untilPs;
}

/** Steps every app to the present moment of the wall clock. Links have no latency then, so a pass carries packets on as far as the order of apps lets it. */
export function engineStepWall(presentPs: i64): void {
  nowPs = presentPs;
  linkSetPresent(presentPs);
  stepAll(presentPs + 1);
}

function stepAll(untilPs: i64): void {
  for (let i: u32 = 0; i < appCount; i++) {
    const app = load<u32>(apps + (i << 2));
    call_indirect<void>(changetype<App>(<usize>app).step, <usize>app, untilPs);
  }
}

function nextEventPs(): i64 {
  let eventPs = i64.MAX_VALUE;
  for (let i: u32 = 0; i < appCount; i++) {
    const duePs = changetype<App>(<usize>load<u32>(apps + (i << 2))).nextEventPs;
    if (duePs < eventPs) eventPs = duePs;
  }
  for (let i: u32 = 0; i < linkCount; i++) {
    const arrivalPs = linkHeadPs(changetype<Link>(<usize>load<u32>(links + (i << 2))));
    if (arrivalPs < eventPs) eventPs = arrivalPs;
  }
  return eventPs;
}
