import { dlmCommand } from "./dlm.ts";
import { TempDir } from "./temp_dir.ts";

/** How a terminal is made. */
export interface TmuxOptions {
  readonly columns: number;
  readonly rows: number;
  /** The folder that its shell begins in. */
  readonly cwd: string;
}

/**
 * A real terminal with a shell in it, whose screen a test can read: tmux, with a server of its own.
 * In the shell, `dlm` is the program.
 */
export class Tmux implements AsyncDisposable {
  readonly #dir = new TempDir();
  readonly #watcher: Deno.ChildProcess;
  readonly #watching: Promise<void>;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  constructor({ columns, rows, cwd }: TmuxOptions) {
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    const program = dlmCommand([]).map((word) => `'${word}'`).join(" ");
    const shell = `dlm() { ${program} "$@"; }; PS1='ready$ '; ulimit -c 0; clear`;
    this.#run(
      "-f",
      "/dev/null",
      "set-option",
      "-g",
      "history-limit",
      "50000",
      ";",
      "new-session",
      "-d",
      ...size,
      "-c",
      cwd,
      "bash --norc --noprofile",
    );
    this.#watcher = this.#watch();
    this.#watching = this.#wakeOnOutput();
    this.type(shell);
  }

  /** Types a line and presses Enter. */
  type(line: string): void {
    this.#run("send-keys", "-l", line);
    this.press("Enter");
  }

  /** Presses a key, as tmux names it: `C-c`, `q`, `Enter`. */
  press(key: string): void {
    this.#run("send-keys", key);
  }

  resize(columns: number, rows: number): void {
    this.#run("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** What stands on the screen, line by line, without trailing spaces. */
  get screen(): string {
    return this.#run("capture-pane", "-p").trimEnd();
  }

  /** Everything that has ever stood there, line by line as it was written, before it was wrapped. */
  get history(): string[] {
    return this.#run("capture-pane", "-p", "-J", "-S", "-").split("\n").map((line) =>
      line.trimEnd()
    );
  }

  /** Whether the cursor can be seen. */
  get cursorIsVisible(): boolean {
    return this.#run("display-message", "-p", "#{cursor_flag}").trim() === "1";
  }

  /**
   * Waits until the screen shows `pattern`, and returns the screen.
   *
   * @throws {Error} with the screen, if it never does.
   */
  async shows(pattern: RegExp, limitMs = 8_000): Promise<string> {
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      this.#changed.resolve();
    }, limitMs);
    try {
      for (;;) {
        const { promise } = this.#changed;
        const { screen } = this;
        if (pattern.test(screen)) return screen;
        if (expired || this.#ended) {
          throw new Error(`The screen never showed ${pattern}:\n${screen}`);
        }
        await promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#run("kill-server");
    await this.#watcher.stdin.close().catch(() => {});
    await Promise.all([this.#watcher.status, this.#watching]);
    await this.#dir[Symbol.asyncDispose]();
  }

  /** A second client, in control mode, is told of all output. */
  #watch(): Deno.ChildProcess {
    return new Deno.Command("tmux", {
      args: ["-S", this.#dir.file("socket"), "-C", "attach", "-f", "ignore-size"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: ENV,
    }).spawn();
  }

  async #wakeOnOutput(): Promise<void> {
    for await (const _ of this.#watcher.stdout) {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
    this.#ended = true;
    this.#changed.resolve();
  }

  #run(...args: string[]): string {
    const { success, stdout, stderr } = new Deno.Command("tmux", {
      args: ["-u", "-S", this.#dir.file("socket"), ...args],
      env: ENV,
    }).outputSync();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
    return new TextDecoder().decode(stdout);
  }
}

/** A terminal of a person: no CI, colours as the terminal has them. */
const ENV = {
  CI: "",
  NO_COLOR: "",
  FORCE_COLOR: "",
  LANG: "C.UTF-8",
  TERM: "xterm-256color",
  TMUX: "",
};
