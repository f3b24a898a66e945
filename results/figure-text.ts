/** Exact, with thousands apart: a ledger is not rounded. */
export function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** Rounded down: only what is all of it shows as 100.00%. */
export function percent(part: number, of: number): string {
  return of === 0 ? '-' : `${(Math.floor((part * 1e4) / of) / 100).toFixed(2)}%`;
}
