/**
 * The candidate that a mistyped word most likely meant: the fewest edits away (insertion, deletion, substitution, swap of
 * neighbours), at most a third of the word, or one that starts with the whole word. `undefined` when none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  if (typed === '') return undefined;
  let best: string | undefined;
  let bestEdits = Math.max(1, Math.floor(typed.length / EDITS_PER_CHARACTERS)) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(typed, candidate.toLowerCase());
    if (edits >= bestEdits) continue;
    best = candidate;
    bestEdits = edits;
  }
  if (best !== undefined || typed.length < PREFIX_CHARACTERS_MIN) return best;
  return candidates.find((candidate) => candidate.toLowerCase().startsWith(typed));
}

const EDITS_PER_CHARACTERS = 3;
const PREFIX_CHARACTERS_MIN = 3;

/** Optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, beforeLast[j - 2]! + 1);
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
