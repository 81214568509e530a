import { dlmCommand } from "./dlm.ts";
import { TerminalEmulator } from "./terminal_emulator.ts";

/** How a run on a terminal is set up. */
export interface TerminalRunOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** What the command line has around the program, with `$DLM` for the program itself. */
  readonly shell?: string;
}

/**
 * The program on a terminal of its own, 80 by 24 characters: `script` makes it, a
 * {@linkcode TerminalEmulator} shows what comes. Keys are typed and signals sent as people do.
 */
export class TerminalRun implements AsyncDisposable {
  readonly terminal = new TerminalEmulator(80, 24);
  readonly code: Promise<number>;
  readonly #child: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #ended = false;

  constructor(args: readonly string[], { cwd, env, shell = "$DLM" }: TerminalRunOptions) {
    const command = dlmCommand(args).map(quoted).join(" ");
    this.#child = new Deno.Command("script", {
      args: ["-qfec", `echo "pid $$"; ${shell.replace("$DLM", command)}`, "/dev/null"],
      cwd,
      env: { SHELL: "/bin/sh", TERM: "xterm-256color", CI: "", NO_COLOR: "", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#keyboard = this.#child.stdin.getWriter();
    this.#output = this.#read();
    this.code = this.#finish();
  }

  /** Types keys. */
  async type(keys: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(keys));
  }

  /** Waits until the terminal, its history included, shows `pattern`. */
  async shows(pattern: RegExp): Promise<void> {
    await this.until(() => pattern.test(this.text), `${pattern}`);
  }

  /** Waits until the terminal is as it is asked to be. */
  async until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      if (this.#ended) throw new Error(`the terminal never showed ${what}, but:\n${this.text}`);
      await this.#changed.promise;
    }
  }

  /** Everything that the terminal shows, with its history. */
  get text(): string {
    return this.terminal.lines.join("\n");
  }

  /** Sends a signal to the program. */
  kill(signal: Deno.Signal): void {
    const [, pid] = /^pid (\d+)$/m.exec(this.terminal.received.replaceAll("\r", "")) ?? [];
    Deno.kill(Number(pid), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL"); // the terminal goes, and the program with it
    await this.code;
  }

  async #finish(): Promise<number> {
    const [{ code }] = await Promise.all([this.#child.status, this.#output]);
    await this.#keyboard.close().catch(() => {}); // nobody reads it any more
    return code;
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.terminal.write(text);
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
