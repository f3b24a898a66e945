/**
 * The fewest of some items with which something still fails: delta debugging (Zeller and Hildebrandt, 2002). Gives items in their order; `fails` is never
 * asked of all of them.
 */
export function shrink<Item>(items: readonly Item[], fails: (some: readonly Item[]) => boolean): Item[] {
  let kept = [...items];
  let parts = 2;
  while (kept.length > 0) {
    const size = Math.ceil(kept.length / parts);
    const starts = Array.from({ length: Math.ceil(kept.length / size) }, (_, part) => part * size);
    const without = starts
      .map((start) => [...kept.slice(0, start), ...kept.slice(start + size)])
      .find((rest) => fails(rest));
    if (without !== undefined) {
      kept = without;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) {
      break;
    } else {
      parts = Math.min(kept.length, parts * 2);
    }
  }
  return kept;
}
