/** How the program ended and what it said. */
export interface Outcome {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a run is set up. */
export interface DlmOptions {
  readonly cwd?: string;
  /** What it reads; a stream stays open for as long as the test wants. */
  readonly stdin?: string | ReadableStream<string>;
  readonly env?: Record<string, string>;
  /** Its coverage is not recorded, so that what it takes is its own. */
  readonly isMeasured?: boolean;
  /** A command that runs it. */
  readonly under?: readonly string[];
}

/** What the executable is compiled with, so that the sources take as much memory as it does. */
const ENGINE = ["--v8-flags=--max-semi-space-size=2"];

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** What decides over colours, languages and proxies, set so that runs are the same everywhere. */
const PLAIN = {
  NO_COLOR: "1",
  FORCE_COLOR: "",
  LANG: "C.UTF-8",
  NO_PROXY: "127.0.0.1,[::1]",
  no_proxy: "127.0.0.1,[::1]",
};

/** What the program gets from the tests' own surroundings. */
function inherited({ isMeasured }: DlmOptions): Record<string, string> {
  const env = Deno.env.toObject();
  const { XDG_CACHE_HOME, HOME } = env;
  // A test that moves the home folder must not make Deno fetch every package again.
  if (HOME) env.DENO_DIR ??= `${XDG_CACHE_HOME ?? `${HOME}/.cache`}/deno`;
  if (isMeasured) delete env.DENO_COVERAGE_DIR;
  return env;
}

/** The command that runs the program: the compiled one if `DLM_BINARY` names it, else from source. */
export function dlmCommand(args: readonly string[]): [program: string, ...args: string[]] {
  const binary = Deno.env.get("DLM_BINARY");
  if (binary) return [new URL(binary, `file://${Deno.cwd()}/`).pathname, ...args];
  return [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all", ...ENGINE, MAIN, ...args];
}

/** A program that runs; its output is gathered from the start. */
export class RunningDlm implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: OutputReader;
  readonly #stderr: OutputReader;
  readonly outcome: Promise<Outcome>;

  constructor(args: readonly string[], options: DlmOptions = {}) {
    const [program, ...rest] = [...options.under ?? [], ...dlmCommand(args)] as [string];
    this.#child = new Deno.Command(program, {
      args: rest,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      clearEnv: true,
      env: { ...inherited(options), ...PLAIN, ...options.env },
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (options.stdin !== undefined) this.#feed(options.stdin);
    this.#stdout = new OutputReader(this.#child.stdout);
    this.#stderr = new OutputReader(this.#child.stderr);
    this.outcome = this.#finish();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What has come on the standard output so far. */
  get stdout(): string {
    return this.#stdout.text;
  }

  /** What has come on the standard error so far. */
  get stderr(): string {
    return this.#stderr.text;
  }

  /** Sends a signal; one that has ended already is left alone. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Waits until the standard output or the standard error has `pattern`. */
  async saw(pattern: RegExp, stream: "stdout" | "stderr" = "stdout"): Promise<void> {
    const reader = stream === "stdout" ? this.#stdout : this.#stderr;
    await reader.saw(pattern);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.outcome;
  }

  async #feed(input: string | ReadableStream<string>): Promise<void> {
    const source = typeof input === "string" ? ReadableStream.from([input]) : input;
    try {
      await source.pipeThrough(new TextEncoderStream()).pipeTo(this.#child.stdin);
    } catch {
      // It has ended without reading everything, which is its right.
    }
  }

  async #finish(): Promise<Outcome> {
    const [{ code, signal }] = await Promise.all([
      this.#child.status,
      this.#stdout.ended,
      this.#stderr.ended,
    ]);
    return { code, signal, stdout: this.#stdout.text, stderr: this.#stderr.text };
  }
}

/** Runs the program to its end. */
export async function runDlm(args: readonly string[], options: DlmOptions = {}): Promise<Outcome> {
  return await new RunningDlm(args, options).outcome;
}

class OutputReader {
  text = "";
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  async saw(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.#closed) throw new Error(`the program never said ${pattern}; it said: ${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.text += chunk;
      this.#wake();
    }
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
