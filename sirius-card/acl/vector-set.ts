/**
 * Distinct bit vectors of one length, numbered in the order in which they were first added. Bit r is byte r / 8, bit r % 8 (on a
 * little-endian machine). A vector is made by toggling bits of the current one, which keeps its hash up to date, so that to add
 * it costs about as much as to compare it once.
 */
export class VectorSet {
  readonly vectorBytes: number;
  readonly #wordCount: number;
  readonly #current: Uint32Array;
  #currentHash = 0;
  #words: Uint32Array;
  #count = 0;
  /** Open addressing: 1 + number of a vector, 0 where free; the length is a power of two. */
  #slots = new Uint32Array(1024);
  #hashes = new Uint32Array(512);

  constructor(vectorBytes: number) {
    this.vectorBytes = vectorBytes;
    this.#wordCount = vectorBytes / Uint32Array.BYTES_PER_ELEMENT;
    this.#current = new Uint32Array(this.#wordCount);
    this.#words = new Uint32Array(this.#wordCount * this.#hashes.length);
  }

  get count(): number {
    return this.#count;
  }

  /** Toggles a bit of the current vector, which is empty at first. */
  toggle(bit: number): void {
    const word = bit >>> 5;
    this.#current[word] = (this.#current[word] as number) ^ (1 << (bit & 31));
    this.#currentHash ^= mixedBit(bit);
  }

  /** Number of the vector equal to the current one; a copy is kept if there was none. */
  addCurrent(): number {
    const mask = this.#slots.length - 1;
    let slot = this.#currentHash & mask;
    for (let held = this.#slots[slot] as number; held !== 0; held = this.#slots[slot] as number) {
      if (this.#isCurrent(held - 1)) return held - 1;
      slot = (slot + 1) & mask;
    }
    if (this.#count === this.#hashes.length) {
      this.#grow();
      return this.addCurrent();
    }
    this.#slots[slot] = this.#count + 1;
    this.#hashes[this.#count] = this.#currentHash;
    this.#words.set(this.#current, this.#count * this.#wordCount);
    return this.#count++;
  }

  /** Number of the vector of these bits; the current one must be empty, and is so again. */
  addBits(bits: readonly number[]): number {
    for (const bit of bits) this.toggle(bit);
    const number = this.addCurrent();
    for (const bit of bits) this.toggle(bit);
    return number;
  }

  /** Writes all vectors one after another from `offset` on. */
  emit(bytes: Uint8Array, offset: number): void {
    bytes.set(new Uint8Array(this.#words.buffer, 0, this.#count * this.vectorBytes), offset);
  }

  #isCurrent(number: number): boolean {
    if (this.#hashes[number] !== this.#currentHash >>> 0) return false;
    const first = number * this.#wordCount;
    for (let i = 0; i < this.#wordCount; i++) if (this.#words[first + i] !== this.#current[i]) return false;
    return true;
  }

  #grow(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    const slots = new Uint32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#count; number++) {
      let slot = (hashes[number] as number) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = number + 1;
    }
    this.#hashes = hashes;
    this.#words = words;
    this.#slots = slots;
  }
}

/** A number of each bit's own, so that the hash of a vector is their exclusive or (Zobrist): the finalizer of MurmurHash3. */
function mixedBit(bit: number): number {
  let hash = Math.imul(bit + 1, 0x9e3779b9);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
