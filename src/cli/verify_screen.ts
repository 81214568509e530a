import {
  bar,
  bytes,
  canRedraw,
  clip,
  type Device,
  eta,
  type Line,
  LiveLines,
  percent,
  processDevice,
  speed,
  Throughput,
} from "../display/mod.ts";

/** How much there is to check. */
export interface VerifyWork {
  readonly files: number;
  readonly bytes: number;
  /** Nothing but errors. */
  readonly quiet: boolean;
  /** Ends it, where the process that has the terminal can't be ended itself. */
  readonly quit?: () => void;
}

/** Shows how far `dlm verify` is: a line for each file and, on a terminal, one that is redrawn. */
export class VerifyScreen implements Disposable {
  readonly #work: VerifyWork;
  readonly #device: Device;
  readonly #live: LiveLines;
  readonly #throughput: Throughput;
  readonly #startMs: number;
  #files = 0;

  /** Shows nothing done yet. */
  constructor(
    work: VerifyWork,
    device: Device = processDevice,
    live: boolean = canRedraw(Deno.env.get),
  ) {
    this.#work = work;
    this.#device = device;
    this.#startMs = device.timer.now();
    this.#throughput = new Throughput(this.#startMs);
    this.#live = new LiveLines({
      device,
      live: live && !work.quiet,
      block: (nowMs) => [this.#progress(nowMs)],
      quit: work.quit,
    });
    this.#live.open();
  }

  /** So many more bytes have been read. */
  read(bytes: number): void {
    this.#throughput.add(bytes, this.#device.timer.now());
  }

  /** One more file has been checked, of which this is to be said. */
  checked(line: Line): void {
    this.#files++;
    this.say(line);
  }

  /** Says a line. */
  say(line: Line): void {
    if (!this.#work.quiet || line.level === "error") this.#live.say(line);
  }

  /** Leaves the terminal as it was, with everything said that is to be said. */
  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
  }

  #progress(nowMs: number): string {
    const { files, bytes: all } = this.#work;
    const { columns } = this.#device.size();
    const done = this.#throughput.bytes;
    const fraction = all > 0 ? Math.min(1, done / all) : this.#files / files;
    const parts = [
      `Checked ${this.#files}/${files} files`,
      bytes(done),
      bar(fraction, columns < 100 ? 10 : 20),
      percent(fraction),
      speed(this.#throughput.current(nowMs)),
      fraction === 0 ? "" : eta((nowMs - this.#startMs) * (1 / fraction - 1)),
    ];
    return clip(parts.join("  ").trimEnd(), Math.max(1, columns - 1));
  }
}
