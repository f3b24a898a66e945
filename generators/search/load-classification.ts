/** Seconds of the trials of one load, by what they are to one goal. */
export interface TrialSums {
  fullLengthLowLossSeconds: number;
  fullLengthHighLossSeconds: number;
  shortLowLossSeconds: number;
  shortHighLossSeconds: number;
}

/** What of a goal decides on a load. */
export interface LoadThreshold {
  durationSumSeconds: number;
  exceedRatio: number;
}

export type LoadClassification = 'lower-bound' | 'upper-bound' | 'undecided';

export interface LoadEstimate {
  /** Share of high-loss trials, should all trials that are missing turn out low-loss. */
  optimisticExceedRatio: number;
  /** The same, should they turn out high-loss. */
  pessimisticExceedRatio: number;
  classification: LoadClassification;
}

/** A full-length trial, for `conditionalThroughput`. */
export interface RankedTrial {
  lossRatio: number;
  effectiveSeconds: number;
  isHighLoss: boolean;
}

/** Sums of durations such as 0.1 s are not exact; a billionth more or less decides nothing. */
const TOLERANCE = 1e-9;

/**
 * Classifies a load (draft-ietf-bmwg-mlrsearch-15, Load Classification Logic and its appendix Load Classification Code).
 * Short trials count only by their excess of loss: low-loss ones can outweigh high-loss ones, but confirm nothing.
 */
export function estimateLoad(
  sums: TrialSums,
  { durationSumSeconds, exceedRatio }: LoadThreshold,
): LoadEstimate {
  const balancingSeconds = (sums.shortLowLossSeconds * exceedRatio) / (1 - exceedRatio);
  const excessSeconds = Math.max(0, sums.shortHighLossSeconds - balancingSeconds);
  const highLossSeconds = sums.fullLengthHighLossSeconds + excessSeconds;
  const fullSeconds = sums.fullLengthLowLossSeconds + highLossSeconds;
  const wholeSeconds = Math.max(fullSeconds, durationSumSeconds);
  const optimisticExceedRatio = highLossSeconds / wholeSeconds;
  const pessimisticExceedRatio = (wholeSeconds - sums.fullLengthLowLossSeconds) / wholeSeconds;
  const limit = exceedRatio + TOLERANCE;
  return {
    optimisticExceedRatio,
    pessimisticExceedRatio,
    classification:
      optimisticExceedRatio > limit
        ? 'upper-bound'
        : pessimisticExceedRatio <= limit
          ? 'lower-bound'
          : 'undecided',
  };
}

/**
 * What a load that is a lower bound forwards (the draft's appendix Conditional Throughput Code): the load less a quantile of
 * the full-length trials' losses, what is missing of the duration sum taken as lost. High-loss trials rank last, so that one
 * that lost little but failed the goal otherwise is never the quantile of a lower bound.
 */
export function conditionalThroughput(
  load: number,
  trials: readonly RankedTrial[],
  { durationSumSeconds, exceedRatio }: LoadThreshold,
): number {
  const ranked = [...trials].sort(
    (a, b) => Number(a.isHighLoss) - Number(b.isHighLoss) || a.lossRatio - b.lossRatio,
  );
  const fullLengthSeconds = ranked.reduce((sum, { effectiveSeconds }) => sum + effectiveSeconds, 0);
  const wholeSeconds = Math.max(durationSumSeconds, fullLengthSeconds);
  let remainingSeconds = wholeSeconds * (1 - exceedRatio);
  let quantile = 1;
  for (const { lossRatio, effectiveSeconds } of ranked) {
    if (remainingSeconds <= wholeSeconds * TOLERANCE) break;
    quantile = lossRatio;
    remainingSeconds -= effectiveSeconds;
  }
  if (remainingSeconds > wholeSeconds * TOLERANCE) quantile = 1;
  return load * (1 - quantile);
}
