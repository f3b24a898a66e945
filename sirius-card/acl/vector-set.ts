/** Distinct bit vectors of one length, numbered in the order in which they were first added. Bit r is byte r / 8, bit r % 8. */
export class VectorSet {
  readonly #vectors: Uint8Array[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(readonly vectorBytes: number) {}

  get count(): number {
    return this.#vectors.length;
  }

  emptyVector(): Uint8Array {
    return new Uint8Array(this.vectorBytes);
  }

  /** Number of the vector equal to this one; a copy is kept if there was none. */
  add(vector: Uint8Array): number {
    const key = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('latin1');
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#vectors.length);
    return this.#vectors.push(vector.slice()) - 1;
  }

  /** Writes all vectors one after another from `offset` on. */
  emit(bytes: Uint8Array, offset: number): void {
    for (const [number, vector] of this.#vectors.entries())
      bytes.set(vector, offset + number * this.vectorBytes);
  }
}

export function toggleBit(vector: Uint8Array, bit: number): void {
  const byte = bit >> 3;
  vector[byte] = (vector[byte] ?? 0) ^ (1 << (bit & 7));
}
