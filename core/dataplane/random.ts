/** Seeded random numbers: splitmix64 (Steele et al., 2014). State is one u64 in memory, so that a run can be resumed and shared. */
export namespace Random {
  // @ts-ignore: decorator
  @inline
  export function nextU64(state: usize): u64 {
    const seed = load<u64>(state) + 0x9e3779b97f4a7c15;
    store<u64>(state, seed);
    return mix64(seed);
  }

  /** Uniform in (0, 1]: never zero, so that its logarithm is finite. */
  // @ts-ignore: decorator
  @inline
  export function unit(state: usize): f64 {
    return (<f64>(nextU64(state) >> 11) + 1.0) * (1.0 / 9007199254740992.0);
  }

  /** Exponentially distributed with the given mean. NativeMath gives the same bits on every engine. */
  export function exponential(state: usize, mean: f64): f64 {
    return -NativeMath.log(unit(state)) * mean;
  }
}

/** splitmix64's finaliser: a bijection of 64-bit numbers whose every output bit hangs on every input bit. */
// @ts-ignore: decorator
@inline
export function mix64(value: u64): u64 {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}
