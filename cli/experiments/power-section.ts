import type { RunSection } from './paper-section.js';
import { QUICK_DURATION, runPower } from './power.js';

/** The loads that `power` has by default. */
const LOADS = { rate: '3M', 'latency-rate': '1M' };

/** The power states side by side. */
export const powerSection: RunSection = async (pool, { model, modelName, seedCount, isQuick }) => {
  const loads = { ...LOADS, duration: isQuick ? QUICK_DURATION : '1s', model: modelName };
  const { figure } = await runPower(pool, loads, model, seedCount);
  return { figures: [figure], answers: [], notes: [] };
};
