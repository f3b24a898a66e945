import { App } from './app';
import { arenaAllocate } from './arena';
import { engineSetReceiver, engineSetSender } from './engine';
import { Histogram, histogramCreate, histogramRecord } from './histogram';
import { Link, linkHeadPs, linkReceive, linkSend } from './link';
import { Random } from './random';

/**
 * One server with an unbounded first-in first-out queue. Its mean wait has a formula (Pollaczek-Khinchine), so it is how the
 * engine's clock, arrivals and queueing are checked; see test/queueing.test.ts.
 */
@unmanaged
export class Station extends App {
  input: Link;
  output: Link;
  servicePs: i64;
  /** 0: every service takes `servicePs`; 1: exponentially distributed with that mean. */
  exponential: u32;
  busyUntilPs: i64;
  randomState: u64;
  wait: Histogram;
}

export function stationCreate(place: u32, input: Link, output: Link, servicePs: i64, exponential: u32, seed: u64): Station {
  const app = changetype<Station>(arenaAllocate(offsetof<Station>()));
  const step: (app: usize, untilPs: i64) => void = stationStep;
  app.step = step.index;
  app.place = place;
  app.nextEventPs = i64.MAX_VALUE;
  app.input = input;
  app.output = output;
  engineSetReceiver(input, app);
  engineSetSender(output, app);
  app.servicePs = servicePs;
  app.exponential = exponential;
  app.randomState = seed;
  app.wait = histogramCreate();
  return app;
}

export function stationWait(app: Station): Histogram {
  return app.wait;
}

function stationStep(self: usize, untilPs: i64): void {
  const app = changetype<Station>(self);
  while (linkHeadPs(app.input) < untilPs) {
    const packet = linkReceive(app.input);
    const arrivalPs = packet.arrivalPs;
    const startPs = arrivalPs > app.busyUntilPs ? arrivalPs : app.busyUntilPs;
    const state = changetype<usize>(app) + offsetof<Station>('randomState');
    const servicePs = app.exponential ? <i64>Random.exponential(state, <f64>app.servicePs) : app.servicePs;
    histogramRecord(app.wait, startPs - arrivalPs);
    app.busyUntilPs = startPs + servicePs;
    linkSend(app.output, packet, app.busyUntilPs);
  }
}
