import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a mistyped word most likely meant: the fewest edits away (insertion, deletion, substitution), at most two or
 * a third of the word, or one that starts with the whole word. `undefined` when none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  if (typed === '') return undefined;
  let best: string | undefined;
  let bestEdits = editsMax(typed) + 1;
  for (const candidate of candidates) {
    const edits = distance(typed, candidate.toLowerCase());
    if (edits >= bestEdits) continue;
    best = candidate;
    bestEdits = edits;
  }
  if (best !== undefined || typed.length < PREFIX_CHARACTERS_MIN) return best;
  return candidates.find((candidate) => candidate.toLowerCase().startsWith(typed));
}

const EDITS_PER_CHARACTERS = 3;
const PREFIX_CHARACTERS_MIN = 3;
/** Two neighbours swapped are two edits. */
const SWAP_CHARACTERS_MIN = 4;

function editsMax(typed: string): number {
  return Math.max(
    typed.length >= SWAP_CHARACTERS_MIN ? 2 : 1,
    Math.floor(typed.length / EDITS_PER_CHARACTERS),
  );
}
