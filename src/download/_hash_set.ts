/**
 * A set of strings that keeps 8 bytes for each instead of the string: a million take 16 MiB.
 *
 * It compares 53-bit hashes under a seed drawn for each set, so a string that was never added is
 * taken for a member with a chance of about n ÷ 2⁵³ (10⁻¹⁰ at a million), and nobody can prepare
 * such a pair. Open addressing with linear probing, at most half full.
 */
export class HashSet {
  #slots = new Float64Array(1 << 8);
  #size = 0;
  readonly #seed = crypto.getRandomValues(new Uint32Array(2));

  /** How many different strings have been added. */
  get size(): number {
    return this.#size;
  }

  /** Adds the text that `parts` make together, line by line; false if it was there already. */
  add(...parts: string[]): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    if (!insert(this.#slots, this.#hash(parts))) return false;
    this.#size++;
    return true;
  }

  #grow(): void {
    const wider = new Float64Array(this.#slots.length * 2);
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots[slot] !== 0) insert(wider, slots[slot]!);
    }
    this.#slots = wider;
  }

  /** Two multiply-xor lanes over the UTF-16 code units, finished as in MurmurHash3; never 0. */
  #hash(parts: readonly string[]): number {
    let low = this.#seed[0]!;
    let high = this.#seed[1]!;
    for (const part of parts) {
      for (let i = 0; i <= part.length; i++) {
        const unit = i === part.length ? LINE_END : part.charCodeAt(i);
        low = Math.imul(low ^ unit, 0x9e3779b1);
        high = Math.imul(high ^ unit, 0x85ebca6b);
        low = (low << 13) | (low >>> 19);
        high = (high << 15) | (high >>> 17);
      }
    }
    low = mix(low ^ high);
    high = mix(high ^ low);
    return (high >>> 11) * 2 ** 32 + (low >>> 0) || 1;
  }
}

/** Stands behind each part, so that where one ends makes a difference. */
const LINE_END = 10;

function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function insert(slots: Float64Array, hash: number): boolean {
  const mask = slots.length - 1;
  for (let slot = hash & mask;; slot = (slot + 1) & mask) {
    const found = slots[slot];
    if (found === hash) return false;
    if (found === 0) {
      slots[slot] = hash;
      return true;
    }
  }
}
