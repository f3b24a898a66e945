import { arenaAllocate } from '../../core/dataplane/arena';

/** Dividends are below this, and so are divisors. */
export const DIVIDEND_BITS: u32 = 27;

/**
 * Division by a number that is known only when a run is set up, as a multiplication: with s = 27 + ceil(log2 d), the quotient of
 * every n < 2^27 is floor(n * (floor(2^s / d) + 1) / 2^s), since the error n * e / 2^s, e <= d, stays below one (Granlund and
 * Montgomery, 1994, theorem 4.2).
 */
@unmanaged
export class Divider {
  multiplier: u64;
  shift: u64;
  divisor: u32;
}

export function dividerCreate(divisor: u32): Divider {
  assert(divisor > 0 && divisor <= <u32>1 << DIVIDEND_BITS);
  const divider = changetype<Divider>(arenaAllocate(offsetof<Divider>()));
  const log2: u32 = divisor == 1 ? 0 : 32 - <u32>clz<u32>(divisor - 1);
  divider.divisor = divisor;
  divider.shift = <u64>(DIVIDEND_BITS + log2);
  divider.multiplier = (<u64>1 << divider.shift) / divisor + 1;
  return divider;
}

// @ts-ignore: decorator
@inline
export function quotient(divider: Divider, dividend: u32): u32 {
  assert(dividend < <u32>1 << DIVIDEND_BITS);
  return <u32>((<u64>dividend * divider.multiplier) >> divider.shift);
}
