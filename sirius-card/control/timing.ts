/** Times of the control plane, from the model's `control` section. */
export interface ControlTiming {
  /** Between two heartbeats that a card sends its peer over each path. */
  heartbeatIntervalNs: number;
  /** A peer that was silent on every path for so many intervals is taken for dead. */
  heartbeatMissesMax: number;
  /** From the word of a change to what the controller does about it. */
  controllerReactionNs: number;
  /** From the end of light on a card's port until the card sends by another one. */
  linkDownDetectionNs: number;
  /** Between two probes that a ToR sends a card. */
  probeIntervalNs: number;
  /** A card that has not answered so many probes in a row is unreachable by that ToR. */
  probeMissesMax: number;
  /** To write one route; routes that change at once are written one after another. */
  routeInstallNs: number;
}
