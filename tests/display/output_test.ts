import { assertEquals } from "@std/assert";
import { Output, type Sink, StreamSink } from "../../src/display/mod.ts";
import { testWithin } from "../support/watchdog.ts";
import { TextSink } from "./support.ts";

/** Two streams that end in the same place, as on a terminal. */
function together(): { out: Sink; err: Sink; writes: string[] } {
  const writes: string[] = [];
  const sink = (mark: string): Sink => ({
    isTerminal: false,
    colors: false,
    write: (text) => void writes.push(mark + text),
  });
  return { out: sink("out: "), err: sink("err: "), writes };
}

testWithin("lines of both streams keep their order, in as few writes as that takes", () => {
  const { out, err, writes } = together();
  {
    using output = new Output(out, err);
    output.line("1");
    output.line("2");
    output.error("3");
    output.line("4");
    assertEquals(writes, []);
  }
  assertEquals(writes, ["out: 1\n2\n", "err: 3\n", "out: 4\n"]);
});

testWithin("lines don't wait for ever", async () => {
  const { out, err } = together();
  const written = Promise.withResolvers<string>();
  const output = new Output({ ...out, write: written.resolve }, err);
  output.line("soon");
  assertEquals(await written.promise, "soon\n");
});

testWithin("much is written before it is old", () => {
  const sink = new TextSink();
  using output = new Output(sink, sink);
  for (let i = 0; i < 1000; i++) output.line("x".repeat(100));
  assertEquals(sink.text.length >= 64 * 1024, true);
});

testWithin("each stream decides over its own colours", () => {
  const [out, err] = [new TextSink(), new TextSink()];
  err.colors = true;
  {
    using output = new Output(out, err);
    output.line("\x1b[31mred\x1b[39m");
    output.error("\x1b[31mred\x1b[39m");
  }
  assertEquals([out.text, err.text], ["red\n", "\x1b[31mred\x1b[39m\n"]);
});

/** A stream that takes a few bytes at a time and fails as it is told. */
function stream(...outcomes: (number | Error)[]) {
  const taken: number[] = [];
  let calls = 0;
  return {
    isTerminal: () => false,
    writeSync(bytes: Uint8Array): number {
      const outcome = outcomes[calls++] ?? bytes.length;
      if (outcome instanceof Error) throw outcome;
      const count = Math.min(outcome, bytes.length);
      taken.push(...bytes.subarray(0, count));
      return count;
    },
    get text(): string {
      return new TextDecoder().decode(Uint8Array.from(taken));
    },
    get calls(): number {
      return calls;
    },
  };
}

testWithin("a stream gets all of a text, however little it takes at a time", () => {
  const slow = stream(1, 2, 3, new Deno.errors.WouldBlock(), 1);
  new StreamSink(slow).write("größe und mehr\n");
  assertEquals(slow.text, "größe und mehr\n");
});

testWithin("a reader that has left is nobody's problem", () => {
  const failures: unknown[] = [];
  const pipe = stream(2, new Deno.errors.BrokenPipe());
  const sink = new StreamSink(pipe, (error) => failures.push(error));
  sink.write("text");
  sink.write("more");
  assertEquals([pipe.text, pipe.calls, failures], ["te", 2, []]);
});

testWithin("any other failure is told once", () => {
  const failures: unknown[] = [];
  const full = new Error("No space left on device");
  const sink = new StreamSink(stream(full), (error) => failures.push(error));
  sink.write("text");
  sink.write("more");
  assertEquals(failures, [full]);
});
