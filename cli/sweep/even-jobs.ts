/**
 * How many of some equally long trials to run at once so that all of them end soonest, at most two per core. Rounds of one trial per core leave cores idle in
 * the last one when trials do not go into cores; of more trials at once, each has its share of all cores.
 */
export function evenJobs(trialCount: number, coreCount: number): number {
  const choices = Array.from({ length: coreCount + 1 }, (_, more) => coreCount + more);
  return choices.reduce((best, jobs) =>
    roundsTime(trialCount, coreCount, jobs) < roundsTime(trialCount, coreCount, best) ? jobs : best,
  );
}

/** Until the last trial ends, where one alone takes 1. */
function roundsTime(trialCount: number, coreCount: number, jobs: number): number {
  const last = trialCount % jobs;
  const full = (trialCount - last) / jobs;
  return full * (jobs / coreCount) + (last === 0 ? 0 : Math.max(1, last / coreCount));
}
