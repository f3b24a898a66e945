import { latencyPlan, latencyReport, latencyTrials } from './latency.js';
import { latencyFigures } from './latency-files.js';
import type { RunSection } from './paper-section.js';

/** What `latency` has by default. */
const LOADS = { 'packet-size': '64', duration: '500ms', target: 'card://pair' };

/** Latency at a ladder of loads. */
export const latencySection: RunSection = async (pool, { modelName, model, seedCount, isQuick }) => {
  const flags = {
    ...LOADS,
    ...{ model: modelName, power: `${model.powerStates[0]?.watts}W` },
    ...{ quick: isQuick, seeds: String(seedCount) },
  };
  const plan = latencyPlan(flags, new Set());
  const trials = await latencyTrials(pool, plan);
  return { figures: latencyFigures(latencyReport(plan, trials), trials), answers: [], notes: [] };
};
