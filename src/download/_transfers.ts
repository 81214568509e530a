import type { Clock } from "../clock/mod.ts";
import type { BandwidthLimiter, BandwidthShare } from "../limiter/mod.ts";
import { DownloadError } from "./errors.ts";
import type { Saver } from "./_saver.ts";
import type { Task } from "./_task.ts";

/** One attempt under way. */
export class Transfer {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #bandwidth: BandwidthLimiter;
  #share: BandwidthShare | undefined;
  #throttled = 0;
  /** Bytes that were in place when it began. */
  #found = 0;
  /** The file it is for. */
  readonly task: Task;
  /** Bytes in place. */
  bytes = 0;
  /** Since when, and from how many bytes on, the speed is measured. */
  measuredFrom: { ms: number; bytes: number };
  /** Bytes in all, once the server has said so. */
  length: number | undefined;
  /** When the last byte came, or the attempt began. */
  lastByteMs: number;
  /** The bytes that have been told of. */
  told = 0;
  /** Writes down how far it has come. */
  saver: Saver | undefined;

  /** Begins now. */
  constructor(task: Task, clock: Clock, bandwidth: BandwidthLimiter) {
    this.task = task;
    this.#clock = clock;
    this.#bandwidth = bandwidth;
    this.lastByteMs = clock.now();
    this.measuredFrom = { ms: this.lastByteMs, bytes: 0 };
  }

  /**
   * Waits until so many bytes may pass; `undefined` as long as there is no limit.
   */
  get take(): ((bytes: number) => Promise<void>) | undefined {
    if (this.#bandwidth.bytesPerSecond === Infinity) return undefined;
    const share = this.#share ??= this.#bandwidth.join();
    return async (bytes) => {
      this.#throttled++;
      try {
        await share.take(bytes, { signal: this.signal });
      } finally {
        this.#throttled--;
        this.touch();
      }
    };
  }

  /** Whether it waits for its part of the bandwidth, so that its silence is not the server's. */
  get isThrottled(): boolean {
    return this.#throttled > 0;
  }

  /** Takes now for the moment of the last byte. */
  touch(): void {
    this.lastByteMs = this.#clock.now();
  }

  /** Gives its part of the bandwidth back. */
  end(): void {
    this.#share?.[Symbol.dispose]();
  }

  /** Aborts when the attempt must end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Goes on behind so many bytes that are in place already. */
  continueFrom(bytes: number): void {
    this.bytes = this.measuredFrom.bytes = this.#found = bytes;
  }

  /** The bytes that have come since it began. */
  get received(): number {
    return this.bytes - this.#found;
  }

  /** Notes that the file has grown to `bytes`, or starts over with them. */
  grow(bytes: number): void {
    if (bytes === this.bytes) return;
    if (bytes < this.#found) this.#found = 0;
    this.bytes = bytes;
    this.touch();
  }

  /** Ends the attempt. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}

/** What {@linkcode Transfers} does at each look. */
export interface TransfersOptions {
  /** Measures the silence. */
  readonly clock: Clock;
  /** An attempt ends after this long without a byte: in connecting, headers or body. */
  readonly timeoutMs: number;
  /** A file ends after this long, all its attempts together. */
  readonly maxTimeMs: number;
  /** An attempt ends when it brings fewer bytes per second over the time of the timeout. */
  readonly minBytesPerSecond: number;
  /** The bytes per second of all transfers together. */
  readonly bandwidth: BandwidthLimiter;
  /** Called for each transfer that has grown since the last look. */
  readonly onProgress: (transfer: Transfer) => void;
}

/** How often progress is told. */
const LOOK_MS = 250;

/**
 * The attempts under way. One timer looks after all of them: it ends those that have fallen silent
 * and tells the progress of the others. There is no timer while there is no attempt.
 */
export class Transfers implements Iterable<Transfer> {
  /** Those that go on, in the order in which they began. */
  readonly #active: Transfer[] = [];
  readonly #options: TransfersOptions;
  readonly #lookMs: number;
  #ended = 0;
  #cancel: (() => void) | undefined;

  /** Looks at least four times within the timeout. */
  constructor(options: TransfersOptions) {
    this.#options = options;
    this.#lookMs = Math.min(LOOK_MS, Math.max(1, options.timeoutMs / 4));
  }

  /** How many there are. */
  get size(): number {
    return this.#active.length;
  }

  /** Begins an attempt. */
  begin(task: Task): Transfer {
    const transfer = new Transfer(task, this.#options.clock, this.#options.bandwidth);
    if (this.#active.push(transfer) === 1) this.#arm();
    return transfer;
  }

  /** The attempt has ended, however it went. */
  end(transfer: Transfer): void {
    transfer.end();
    this.#ended += transfer.received;
    this.#active.splice(this.#active.indexOf(transfer), 1);
    if (this.#active.length === 0) this.#cancel?.();
  }

  /** Ends all of them. */
  abort(reason: unknown): void {
    for (const transfer of [...this.#active]) transfer.abort(reason);
  }

  /** The bytes received in all, by those that have ended as well. */
  get received(): number {
    let bytes = this.#ended;
    for (const transfer of this.#active) bytes += transfer.received;
    return bytes;
  }

  /** The bandwidth has changed: what has been silent because of it may speak again. */
  rateChanged(): void {
    for (const transfer of this.#active) transfer.touch();
  }

  /** In the order in which they began. */
  [Symbol.iterator](): Iterator<Transfer> {
    return this.#active.values();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.schedule(this.#lookMs, () => {
      this.#look();
      if (this.#active.length > 0) this.#arm();
    });
  }

  /** Why a transfer must end now, if it must. */
  #judge(transfer: Transfer, now: number): DownloadError | undefined {
    const { timeoutMs, maxTimeMs, minBytesPerSecond } = this.#options;
    if (now - transfer.task.startedMs >= maxTimeMs) {
      return tooSlow(`not complete after ${maxTimeMs / 1000}s`, "--max-time", false);
    }
    if (transfer.isThrottled) return undefined;
    if (now - transfer.lastByteMs >= timeoutMs) {
      return tooSlow(`no byte for ${timeoutMs / 1000}s`, "--timeout");
    }
    const { ms, bytes } = transfer.measuredFrom;
    if (now - ms < timeoutMs) return undefined;
    transfer.measuredFrom = { ms: now, bytes: transfer.bytes };
    if ((transfer.bytes - bytes) / (now - ms) * 1000 >= minBytesPerSecond) return undefined;
    return tooSlow(`slower than ${minBytesPerSecond} bytes a second`, "--min-speed");
  }

  #look(): void {
    const { clock, onProgress } = this.#options;
    const now = clock.now();
    for (const transfer of [...this.#active]) {
      const failure = this.#judge(transfer, now);
      if (failure) transfer.abort(failure);
      else transfer.saver?.look(now);
      if (transfer.bytes === transfer.told) continue;
      transfer.told = transfer.bytes;
      onProgress(transfer);
    }
  }
}

function tooSlow(message: string, flag: string, retryable = true): DownloadError {
  return new DownloadError("timeout", message, {
    retryable,
    advice: `try again later or change ${flag}`,
  });
}
