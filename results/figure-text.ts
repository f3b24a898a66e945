/** Exact, with thousands apart: a ledger is not rounded. */
export function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Rounded to the nearest hundredth, so that shares of a whole may miss it by some; only what is all of it shows as 100.00%. */
export function percent(part: number, of: number): string {
  if (of === 0) return '-';
  const hundredths = Math.round((part * 1e4) / of);
  return `${((part < of ? Math.min(hundredths, 9999) : hundredths) / 100).toFixed(2)}%`;
}
