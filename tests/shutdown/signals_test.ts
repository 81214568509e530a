import { assertEquals } from "@std/assert";
import { testWithin } from "../support/watchdog.ts";

/** The fixture as a process of its own, to which real signals are sent. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  #text = "";

  constructor(gracePeriodMs: number) {
    const fixture = new URL("./fixture.ts", import.meta.url);
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--cached-only", fixture.href, `${gracePeriodMs}`],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stdin = this.#child.stdin.getWriter();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    while (!this.#text.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) return this.#text;
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }

  async lines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.line());
    return lines;
  }

  send(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async finish(): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode("finish\n"));
  }

  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close().catch(() => {});
    await this.#lines.cancel();
    await this.#child.status;
  }
}

const LONG = 60_000;

testWithin("a real SIGINT lets work finish; a second one cancels the rest", async () => {
  await using program = new Program(LONG);
  assertEquals(await program.line(), "ready");
  program.send("SIGINT");
  assertEquals(await program.lines(2), ["draining by SIGINT", "job 1 finished"]);
  await program.finish();
  assertEquals(await program.line(), "job 2 finished");
  program.send("SIGINT");
  assertEquals(await program.lines(2), ["cancelled by SIGINT", "job 3 cancelled"]);
  assertEquals((await program.ended).code, 130);
});

testWithin("a real SIGTERM: the grace period ends what is left, at its time", async () => {
  await using program = new Program(300);
  assertEquals(await program.line(), "ready");
  const start = performance.now();
  program.send("SIGTERM");
  assertEquals(await program.lines(5), [
    "draining by SIGTERM",
    "job 1 finished",
    "cancelled by timeout",
    "job 2 cancelled",
    "job 3 cancelled",
  ]);
  assertEquals((await program.ended).code, 143);
  assertEquals(performance.now() - start >= 300, true);
});

testWithin("a program that drains in time ends by itself, with the signal's code", async () => {
  await using program = new Program(Infinity);
  assertEquals(await program.line(), "ready");
  program.send("SIGTERM");
  assertEquals(await program.lines(2), ["draining by SIGTERM", "job 1 finished"]);
  await program.finish();
  assertEquals(await program.line(), "job 2 finished");
  assertEquals((await program.ended).code, 143);
});
