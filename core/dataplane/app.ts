/**
 * What every app begins with. An app has one operation, `step`: handle every event before `untilPs` (arrivals on its input
 * links and its own), in order of time, and say in `nextEventPs` when its own next one is due. Arrivals are the engine's to see.
 */
@unmanaged
export class App {
  /** Index of the step function `(app: usize, untilPs: i64) => void` in the function table. */
  step: u32;
  place: u32;
  nextEventPs: i64;
  /** Of the engine: every event before this is handled, and the first of the links that lead here. */
  steppedPs: i64;
  firstInput: usize;
}
