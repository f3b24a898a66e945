import { App } from './app';
import { APP_COUNT_MAX, LINK_COUNT_MAX } from './contract';
import { Link, linkHeadPs, linkSetPresent, linkSetWall } from './link';

/**
 * Steps apps through virtual time, each as far as those allow that send to it: a packet that an app sends for an event arrives no
 * earlier than its lookahead and the link's latency after it, so that whoever receives it may go that far beyond the sender
 * (Chandy and Misra, 1979). Arrivals are taken in batches thereby, and the outcome does not depend on where they end.
 */
const apps: usize = memory.data(4 * APP_COUNT_MAX, 64);
const links: usize = memory.data(4 * LINK_COUNT_MAX, 64);
let appCount: u32 = 0;
let linkCount: u32 = 0;
let shortestPs: i64 = i64.MAX_VALUE;
/** The furthest that an app may be ahead of the last one: a sender that waits for nobody would use up all packets. A few of the shortest link are enough for long batches. */
let runAheadPs: i64 = i64.MAX_VALUE;
let nowPs: i64 = 0;
let isWall: bool = false;

export function engineAddApp(app: App): void {
  assert(appCount < <u32>APP_COUNT_MAX);
  store<u32>(apps + (appCount++ << 2), <u32>changetype<usize>(app));
}

/** Adds a link whose sender looks `lookaheadPs` ahead: the least time from an event at the sender to the packet it sends for it. */
export function engineAddLink(link: Link, lookaheadPs: i64): void {
  assert(linkCount < <u32>LINK_COUNT_MAX);
  store<u32>(links + (linkCount++ << 2), <u32>changetype<usize>(link));
  link.aheadPs = lookaheadPs + link.latencyPs;
  if (link.aheadPs >= shortestPs) return;
  shortestPs = link.aheadPs;
  runAheadPs = 3 * shortestPs;
}

/** Says which app a link leads to; each link leads to one. */
export function engineSetReceiver(link: Link, app: App): void {
  link.nextInput = app.firstInput;
  app.firstInput = changetype<usize>(link);
}

/** Says which app sends into a link. */
export function engineSetSender(link: Link, app: App): void {
  link.sender = changetype<usize>(app);
}

export function engineNowPs(): i64 {
  return nowPs;
}

// @ts-ignore: decorator
@inline
function appAt(index: u32): App {
  return changetype<App>(<usize>load<u32>(apps + (index << 2)));
}

// @ts-ignore: decorator
@inline
function linkAt(index: u32): Link {
  return changetype<Link>(<usize>load<u32>(links + (index << 2)));
}

/** Runs the virtual clock up to `untilPs`; every event before it is handled. */
export function engineRun(untilPs: i64): void {
  while (nowPs < untilPs) {
    const eventPs = nextEventPs();
    if (eventPs >= untilPs) break;
    nowPs = stepAhead(eventPs, untilPs);
  }
  nowPs = untilPs;
  for (let i: u32 = 0; i < appCount; i++) appAt(i).steppedPs = untilPs;
}

/** Steps every app once, as far as it may go now; returns how far all of them are. */
function stepAhead(eventPs: i64, untilPs: i64): i64 {
  const startPs = eventPs > nowPs ? eventPs : nowPs;
  const furthestPs = untilPs - startPs > runAheadPs ? startPs + runAheadPs : untilPs;
  let leastPs = untilPs;
  for (let i: u32 = 0; i < appCount; i++) {
    const app = appAt(i);
    let horizonPs = furthestPs;
    for (let address = app.firstInput; address != 0; address = changetype<Link>(address).nextInput) {
      const link = changetype<Link>(address);
      assert(link.aheadPs > 0);
      if (link.sender == 0) continue;
      // Nothing happens before `eventPs`, so nobody is behind it.
      const senderPs = changetype<App>(link.sender).steppedPs;
      const safePs = (senderPs > eventPs ? senderPs : eventPs) + link.aheadPs;
      if (safePs < horizonPs) horizonPs = safePs;
    }
    if (horizonPs > app.steppedPs) {
      call_indirect<void>(app.step, changetype<usize>(app), horizonPs);
      app.steppedPs = horizonPs;
    }
    if (app.steppedPs < leastPs) leastPs = app.steppedPs;
  }
  return leastPs;
}

/** Steps every app to the present moment of the wall clock. Links have no latency then, so a pass carries packets on as far as the order of apps lets it. */
export function engineStepWall(presentPs: i64): void {
  if (!isWall) {
    isWall = true;
    for (let i: u32 = 0; i < linkCount; i++) linkSetWall(linkAt(i));
  }
  nowPs = presentPs;
  linkSetPresent(presentPs);
  for (let i: u32 = 0; i < appCount; i++) call_indirect<void>(appAt(i).step, changetype<usize>(appAt(i)), presentPs + 1);
}

function nextEventPs(): i64 {
  let eventPs = i64.MAX_VALUE;
  for (let i: u32 = 0; i < appCount; i++) {
    const duePs = appAt(i).nextEventPs;
    if (duePs < eventPs) eventPs = duePs;
  }
  for (let i: u32 = 0; i < linkCount; i++) {
    const arrivalPs = linkHeadPs(linkAt(i));
    if (arrivalPs < eventPs) eventPs = arrivalPs;
  }
  return eventPs;
}
