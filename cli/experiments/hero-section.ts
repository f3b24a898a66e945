import { parseDurationNs } from '../../core/units.js';
import { buildHeroOptions, DEFAULT_HERO_FLAGS } from '../hero-options.js';
import { HERO_SCALES } from '../hero-scales.js';
import { ahead } from '../sweep/trial-pool.js';
import { DASH_MINIMUM_CPS, heroFigure } from './hero.js';
import { characterise, ROUGH } from './hero-limits.js';
import { limitText } from './hero-text.js';
import type { RunSection } from './paper-section.js';

/** At DASH's smaller scale: one trial of the full one takes minutes. */
const SCALE = HERO_SCALES.baby;
const STEPS = { full: '1s', quick: '250ms' };

/** The loads between which the target goes from no loss to collapse, beside the background of DASH's hero test. */
export const heroSection: RunSection = async (pool, { model, modelName, isQuick }) => {
  const stepNs = parseDurationNs(isQuick ? STEPS.quick : STEPS.full, { where: 'hero' });
  const powerWatts = model.powerStates[0]?.watts ?? 0;
  const flags = { ...DEFAULT_HERO_FLAGS, scale: SCALE.name, model: modelName, power: `${powerWatts}W` };
  const characterisation = await characterise({
    ...{ pool: ahead(pool), flags, rateCps: DASH_MINIMUM_CPS, stepNs },
    ...(isQuick ? { precision: ROUGH } : {}),
  });
  const limits = characterisation.limits.map((limit) => `${limit.label} ${limitText(limit)}`);
  const { input } = buildHeroOptions(flags);
  const { name: scale, description } = SCALE;
  return {
    figures: [heroFigure({ scale, description, input, characterisation }, stepNs)],
    answers: [],
    notes: [`DASH's hero test, scale ${SCALE.name}: ${limits.join('; ')}`],
  };
};
