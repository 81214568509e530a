import { ChanClosedError, UndeliveredError } from "./errors.ts";
import { Ring } from "./_ring.ts";
import type { Receiver, Sender } from "./_waiter.ts";
import { WaiterList } from "./_waiter_list.ts";
import type { Overflow } from "./options.ts";
import type { ChanReport, WaitReport } from "./report.ts";

/**
 * A channel without its promises: a buffer, who waits to receive and who waits to send. It decides
 * which value goes to whom, at once; `Chan` and `select` decide who waits.
 *
 * Between any two calls:
 * - receivers wait only while the buffer is empty and no sender waits;
 * - senders wait only while the buffer is full and no receiver waits;
 * - nobody waits once the channel is closed.
 */
export class Core<T> {
  readonly buffer: Ring<T> = new Ring<T>();
  readonly receivers: WaiterList<Receiver<T>> = new WaiterList<Receiver<T>>();
  readonly senders: WaiterList<Sender<T>> = new WaiterList<Sender<T>>();
  readonly capacity: number;
  readonly name: string | undefined;
  readonly #overflow: Overflow;
  readonly #onDrop: ((value: T) => void) | undefined;
  closed = false;
  cause: unknown = undefined;

  constructor(
    capacity: number,
    name: string | undefined,
    overflow: Overflow,
    onDrop: ((value: T) => void) | undefined,
  ) {
    this.capacity = capacity;
    this.name = name;
    this.#overflow = overflow;
    this.#onDrop = onDrop;
  }

  /** Whether a value can be taken now. */
  get hasValue(): boolean {
    return this.buffer.length > 0 || this.senders.head !== null;
  }

  /** Whether `offer` would not be refused for want of room; on a closed channel it throws. */
  get hasRoom(): boolean {
    return this.closed || this.receivers.head !== null || this.buffer.length < this.capacity ||
      this.#overflow !== "wait";
  }

  /** Takes the next value; there must be one. The sender that waited longest moves up. */
  take(): T {
    const sender = this.senders.shift();
    if (this.buffer.length === 0) {
      sender!.accept();
      return sender!.value;
    }
    const value = this.buffer.shift();
    if (sender !== null) {
      this.buffer.push(sender.value);
      sender.accept();
    }
    return value;
  }

  /** Passes `value` on, or returns false if it would have to wait. */
  offer(value: T): boolean {
    if (this.closed) throw this.#closedError("send");
    const receiver = this.receivers.shift();
    if (receiver !== null) receiver.deliver(value);
    else if (this.buffer.length < this.capacity) this.buffer.push(value);
    else if (this.#overflow === "wait") return false;
    else this.#drop(value);
    return true;
  }

  close(cause: unknown): void {
    if (this.closed) throw this.#closedError("close");
    this.closed = true;
    this.cause = cause;
    for (let r = this.receivers.shift(); r !== null; r = this.receivers.shift()) r.end(cause);
    for (let s = this.senders.shift(); s !== null; s = this.senders.shift()) {
      const message = `Cannot send: ${this.title} closed while the value waited`;
      s.refuse(new UndeliveredError(message, s.value, causeOption(cause)));
    }
  }

  report(): ChanReport {
    const waiting: WaitReport[] = [];
    for (const receiver of this.receivers) {
      waiting.push({ operation: "receive", ...receiver.place() });
    }
    for (const sender of this.senders) waiting.push({ operation: "send", ...sender.place() });
    const { name, buffer, capacity, closed } = this;
    return { name, length: buffer.length, capacity, closed, waiting };
  }

  /** How messages name the channel. */
  get title(): string {
    return this.name === undefined ? "the channel" : `channel "${this.name}"`;
  }

  #drop(value: T): void {
    let dropped = value;
    if (this.#overflow === "dropOldest" && this.capacity > 0) {
      dropped = this.buffer.shift();
      this.buffer.push(value);
    }
    this.#onDrop?.(dropped);
  }

  #closedError(operation: string): ChanClosedError {
    return new ChanClosedError(
      `Cannot ${operation}: ${this.title} is closed`,
      causeOption(this.cause),
    );
  }
}

function causeOption(cause: unknown): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
