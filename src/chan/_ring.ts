/** The slots of a new ring, and of one that was emptied after a burst. */
const FEW_SLOTS = 16;

/** An empty ring keeps up to so many slots for the next burst. */
const KEPT_SLOTS = 4096;

/**
 * A queue in an array that wraps around: push and shift cost the same however long it is.
 *
 * The number of slots is a power of two and grows on demand, so a channel of great capacity costs
 * nothing until it is filled. An emptied slot is cleared, so the ring keeps no value alive.
 */
export class Ring<T> {
  #slots: (T | undefined)[] = emptySlots(FEW_SLOTS);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = value;
    this.#length++;
  }

  /** Takes the oldest value. The ring must not be empty. */
  shift(): T {
    const value = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    if (this.#length === 0 && this.#slots.length > KEPT_SLOTS) this.#shrink();
    return value;
  }

  #shrink(): void {
    this.#slots = emptySlots(FEW_SLOTS);
    this.#head = 0;
  }

  #grow(): void {
    const slots = emptySlots<T>(this.#slots.length * 2);
    for (let i = 0; i < this.#length; i++) {
      slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    }
    this.#slots = slots;
    this.#head = 0;
  }
}

function emptySlots<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}
