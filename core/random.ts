import assert from 'node:assert';

/**
 * Seeded generator xoshiro128** (Blackman and Vigna, 2018; https://prng.di.unimi.it), its state expanded from the seed by
 * SplitMix64. Integers only, so it gives the same numbers on every engine. Not for secrets.
 */
export class Random {
  private readonly seed: bigint;
  private readonly state: Uint32Array;

  /** Numbers must be safe integers; a number and the bigint of the same value give the same stream, a string its own. */
  constructor(seed: number | bigint | string) {
    assert(
      typeof seed !== 'number' || Number.isSafeInteger(seed),
      `seed must be a safe integer, got ${seed}`,
    );
    this.seed = BigInt.asUintN(64, typeof seed === 'string' ? hashText(FNV_OFFSET, seed) : BigInt(seed));
    const [low, high] = splitMix64(this.seed, 2) as [bigint, bigint];
    this.state = Uint32Array.of(
      ...[low, low >> 32n, high, high >> 32n].map((word) => Number(word & 0xffffffffn)),
    );
  }

  /** Starts from a raw state instead of a seed; for known answers. */
  static fromState(words: readonly [number, number, number, number]): Random {
    assert(
      words.some((word) => word !== 0),
      'the state must not be all zero',
    );
    const random = new Random(0);
    random.state.set(words);
    return random;
  }

  /** Uniform over 0 .. 2^32 - 1. */
  nextU32(): number {
    const state = this.state;
    const s0 = state[0] as number;
    const s1 = state[1] as number;
    const s2 = state[2] as number;
    const s3 = state[3] as number;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const mixed2 = s2 ^ s0;
    const mixed3 = s3 ^ s1;
    state[0] = s0 ^ mixed3;
    state[1] = s1 ^ mixed2;
    state[2] = mixed2 ^ (s1 << 9);
    state[3] = rotateLeft(mixed3, 11);
    return result;
  }

  /** Uniform over 0 .. 2^64 - 1: a seed for the data plane. */
  nextU64(): bigint {
    return (BigInt(this.nextU32()) << 32n) | BigInt(this.nextU32());
  }

  /** Uniform over 0 .. n - 1, without bias; n is an integer from 1 to 2^32. */
  below(n: number): number {
    assert(Number.isInteger(n) && n >= 1 && n <= U32_COUNT, `n must be an integer from 1 to 2^32, got ${n}`);
    const limit = U32_COUNT - (U32_COUNT % n);
    let value = this.nextU32();
    while (value >= limit) value = this.nextU32();
    return value % n;
  }

  /** True `numerator` times out of `denominator`. */
  chance(numerator: number, denominator: number): boolean {
    return this.below(denominator) < numerator;
  }

  /** One of the items; the list must not be empty. */
  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, 'nothing to pick from');
    return items[this.below(items.length)] as T;
  }

  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i] as T;
      items[i] = items[j] as T;
      items[j] = held;
    }
    return items;
  }

  /**
   * An independent stream that depends on this one's seed and the label only, not on how much was drawn: a part that draws
   * once more does not change what another part gets.
   */
  fork(label: string): Random {
    return new Random(hashText(hashText(FNV_OFFSET, this.seed.toString(16).padStart(16, '0')), `/${label}`));
  }
}

/** SplitMix64 (Steele, Lea and Flood, 2014): `count` outputs from a 64-bit seed. */
export function splitMix64(seed: bigint, count: number): bigint[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  });
}

const U32_COUNT = 2 ** 32;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a over the UTF-8 bytes; SplitMix64 spreads what it leaves close together. */
function hashText(start: bigint, text: string): bigint {
  let hash = start;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
