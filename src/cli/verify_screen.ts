import {
  bar,
  bytes,
  canRedraw,
  clip,
  type Device,
  eta,
  type Line,
  LiveTerminal,
  Output,
  percent,
  processDevice,
  speed,
  Throughput,
} from "../display/mod.ts";

/** How often the line is redrawn; a person reads no faster. */
const FRAME_MS = 100;

/** How much there is to check. */
export interface VerifyWork {
  readonly files: number;
  readonly bytes: number;
  /** Nothing but errors. */
  readonly quiet: boolean;
}

/** Shows how far `dlm verify` is: a line for each file and, on a terminal, one that is redrawn. */
export class VerifyScreen implements Disposable {
  readonly #work: VerifyWork;
  readonly #device: Device;
  readonly #output: Output;
  readonly #terminal: LiveTerminal | undefined;
  readonly #throughput: Throughput;
  readonly #startMs: number;
  #lines: string[] = [];
  #files = 0;
  #cancelFrame = () => {};
  #ignoreReturn = () => {};

  /** Shows nothing done yet. */
  constructor(
    work: VerifyWork,
    device: Device = processDevice,
    live: boolean = canRedraw(Deno.env.get),
  ) {
    this.#work = work;
    this.#device = device;
    this.#output = new Output(device.out, device.err);
    this.#startMs = device.timer.now();
    this.#throughput = new Throughput(this.#startMs);
    if (!live || work.quiet || !device.out.isTerminal) return;
    const terminal = this.#terminal = new LiveTerminal(device.out, device.size);
    // A shell has written on the terminal while the process was stopped.
    this.#ignoreReturn = device.process.onSignal("SIGCONT", () => terminal.forget());
    this.#frame();
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
  say({ text, level }: Line): void {
    const isError = level === "error";
    if (this.#work.quiet && !isError) return;
    // On a terminal both streams are the same screen.
    if (this.#terminal && (!isError || this.#device.err.isTerminal)) this.#lines.push(text);
    else if (isError) this.#output.error(text);
    else this.#output.line(text);
  }

  /** Leaves the terminal as it was, with everything said that is to be said. */
  [Symbol.dispose](): void {
    this.#cancelFrame();
    this.#ignoreReturn();
    this.#terminal?.draw(this.#lines, []);
    this.#lines = [];
    this.#output.flush();
  }

  #frame(): void {
    this.#terminal?.draw(this.#lines, [this.#progress()]);
    this.#lines = [];
    this.#cancelFrame = this.#device.timer.schedule(FRAME_MS, () => this.#frame());
  }

  #progress(): string {
    const { files, bytes: all } = this.#work;
    const nowMs = this.#device.timer.now();
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
