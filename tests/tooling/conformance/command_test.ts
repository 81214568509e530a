import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type ArgumentValue, Command, EnumType, Type, ValidationError } from "@cliffy/command";
import { CompletionsCommand } from "@cliffy/command/completions";
import { HelpCommand } from "@cliffy/command/help";
import { stub } from "@std/testing/mock";

/** A type as a program makes its own. */
class DurationType extends Type<number> {
  override parse({ label, name, value }: ArgumentValue): number {
    const seconds = /^(\d+)s$/.exec(value)?.[1];
    if (seconds) return Number(seconds) * 1000;
    throw new ValidationError(`${label} "${name}" must be a time like 3s, got "${value}"`);
  }
}

/** What an action was called with. */
type Call = [command: string, options: Record<string, unknown>, ...args: unknown[]];

/** A program with a bit of everything; it logs its calls instead of doing anything. */
function program(calls: Call[]): Command {
  const cli = new Command();
  cli
    .name("dl")
    .version("1.2.3")
    .description("Downloads files.\n\nAnd tells about it.")
    .noExit()
    .globalType("duration", new DurationType())
    .globalOption("--color <when:string>", "Colours.", { default: "auto" })
    .action((options) => void calls.push(["dl", { ...options }]))
    .command("get", getCommand(calls))
    .alias("download")
    .command(
      "check <sums:string> [dir:string]",
      new Command()
        .description("Checks.")
        .option("--must <x:string>", "Required.", { required: true })
        .action((options, ...args) => void calls.push(["check", { ...options }, ...args])),
    )
    .command("completions", new CompletionsCommand())
    .command("help", new HelpCommand().global())
    .reset();
  return cli;
}

function getCommand(calls: Call[]) {
  return new Command()
    .description("Gets files.")
    .arguments("[urls...:string]")
    .type("exists", new EnumType(["skip", "resume"]))
    .option("-d, --dir <dir:file>", "The folder.", { default: "." })
    .option("-w, --workers <n:integer>", "Files at a time.")
    .option("--factor <n:number>", "A factor.")
    .option("--timeout <time:duration>", "A time.")
    .option("--if-exists <what:exists>", "What to do.")
    .option("-q, --quiet", "Say less.", { conflicts: ["verbose"] })
    .option("--verbose", "Say more.")
    .option("--user <name:string>", "A name.", { depends: ["verbose"] })
    .option("-H, --header <line:string>", "A header.", { collect: true })
    .option("--sizes <sizes:integer[]>", "Sizes.")
    .option("--maybe [x:string]", "With or without.")
    .option("--double <n:integer>", "Doubled.", (n) => n * 2)
    .option("--no-cache", "No cache.")
    .option("--hidden-one <x:string>", "Not shown.", { hidden: true })
    .example("One file", "dl get http://a/b")
    .action((options, ...urls) => void calls.push(["get", { ...options }, ...urls]));
}

/** Runs the program; returns the calls of its actions and what it printed. */
async function run(...args: string[]): Promise<{ calls: Call[]; printed: string }> {
  const calls: Call[] = [];
  const lines: unknown[] = [];
  using _log = stub(console, "log", (...texts) => void lines.push(...texts));
  await program(calls).parse(args);
  // deno-lint-ignore no-control-regex
  return { calls, printed: lines.join("\n").replaceAll(/\x1b\[\d+m/g, "") };
}

async function call(...args: string[]): Promise<Call | undefined> {
  return (await run(...args)).calls[0];
}

async function refusal(...args: string[]): Promise<string> {
  const error = await assertRejects(() => run(...args));
  assertInstanceOf(error, ValidationError);
  assertEquals(error.exitCode, 2);
  return error.message;
}

const DEFAULTS = { color: "auto", dir: ".", cache: true };

Deno.test("options and arguments reach the action", async () => {
  assertEquals(await call("get", "a", "b"), ["get", DEFAULTS, "a", "b"]);
  assertEquals(await call("download"), ["get", DEFAULTS]);
  assertEquals(
    await call("get", "-w", "3", "--dir=out", "-qH", "A: 1", "--header=B=2", "--factor", "-1.5"),
    [
      "get",
      { ...DEFAULTS, workers: 3, dir: "out", quiet: true, header: ["A: 1", "B=2"], factor: -1.5 },
    ],
  );
  assertEquals(await call("get", "-w5", "x", "--", "-q"), [
    "get",
    { ...DEFAULTS, workers: 5 },
    "x",
  ]);
  assertEquals(
    await call("get", "--timeout", "3s", "--sizes", "1,2", "--double", "4", "--no-cache"),
    ["get", { ...DEFAULTS, timeout: 3000, sizes: [1, 2], double: 8, cache: false }],
  );
  assertEquals(await call("get", "--maybe", "-q"), ["get", {
    ...DEFAULTS,
    maybe: true,
    quiet: true,
  }]);
  assertEquals(await call("get", "--maybe=x"), ["get", { ...DEFAULTS, maybe: "x" }]);
  assertEquals(await call("get", "--if-exists", "skip"), ["get", {
    ...DEFAULTS,
    ifExists: "skip",
  }]);
  assertEquals(await call(), ["dl", { color: "auto" }]);
});

Deno.test("global options may stand before the command or after it", async () => {
  const expected: Call = ["get", { ...DEFAULTS, color: "never" }, "a"];
  assertEquals(await call("--color", "never", "get", "a"), expected);
  assertEquals(await call("get", "--color=never", "a"), expected);
});

Deno.test("a word with a dash that is no option counts as an argument while one is free", async () => {
  assertEquals(await call("get", "--unknown", "a"), ["get", DEFAULTS, "--unknown", "a"]);
  assertEquals(await call("get", "-5"), ["get", DEFAULTS, "-5"]);
  assertEquals(
    await refusal("check", "s", "d", "--nope"),
    'Unknown option "--nope". Did you mean option "--help"?',
  );
});

Deno.test("what doesn't fit is refused with the reason", async () => {
  const refusals: [args: string[], message: string][] = [
    [["gte"], 'Unknown command "gte". Did you mean command "get"?'],
    [["get", "-w", "x"], 'Option "--workers" must be of type "integer", but got "x".'],
    [["get", "--factor", "x"], 'Option "--factor" must be of type "number", but got "x".'],
    [["get", "--timeout", "3"], 'Option "--timeout" must be a time like 3s, got "3"'],
    [
      ["get", "--if-exists", "x"],
      'Option "--if-exists" must be of type "exists", but got "x". Expected values: "skip", "resume"',
    ],
    [["get", "-w"], 'Missing value for option "--workers".'],
    [["get", "--quiet=x"], 'Option "--quiet" doesn\'t take a value, but got "x".'],
    [["get", "-q", "--verbose"], 'Option "--quiet" conflicts with option "--verbose".'],
    [["get", "--user", "x"], 'Option "--user" depends on option "--verbose".'],
    [
      ["get", "-w1", "-w2"],
      'Option "-w" can only occur once, but was found several times.',
    ],
    [["get", "--help", "-q"], 'Option "--help" cannot be combined with other options.'],
    [["check"], 'Missing required option "--must".'],
    [["check", "--must", "x"], "Missing argument(s): sums"],
    [["check", "--must", "x", "s", "d", "e"], "Too many arguments: e"],
  ];
  for (const [args, message] of refusals) assertEquals(await refusal(...args), message);
});

Deno.test("other errors pass through, and the handler sees all", async () => {
  const seen: string[] = [];
  const cli = () =>
    new Command().name("x").noExit()
      .error((error, cmd) => void seen.push(`${cmd.getName()}: ${error.message}`))
      .option("-n <n:integer>", "N.")
      .action(() => {
        throw new RangeError("from the action");
      });
  await assertRejects(() => cli().parse([]), RangeError, "from the action");
  await assertRejects(() => cli().parse(["extra"]), ValidationError, "No arguments allowed");
  assertEquals(seen.map((line) => line.slice(0, 8)), ["x: from ", "x: No ar"]);
});

Deno.test("help shows usage, options, commands and examples in columns", async () => {
  const { printed, calls } = await run("get", "--help");
  assertEquals(calls, []);
  assertMatch(printed, /^\nUsage: {3}dl get \[urls\.\.\.\] *\nVersion: 1\.2\.3/);
  assertStringIncludes(printed, "\nDescription:\n\n  Gets files.");
  assertMatch(printed, / {2}-h, --help +- Show this help\. /);
  assertMatch(printed, / {2}-d, --dir +<dir> +- The folder\. +\(Default: "\."\) *\n/);
  assertMatch(printed, /--if-exists +<what> +- What to do\. +\(Values: "skip", "resume"\)/);
  assertMatch(printed, /--quiet +- Say less\. +\(Conflicts: --verbose\)/);
  assertStringIncludes(printed, "\nExamples:\n\n  One file dl get http://a/b");
  assertEquals(printed.includes("hidden-one"), false);
  const main = (await run("--help")).printed;
  assertMatch(main, /\nCommands:\n\n {2}get, download +\[urls\.\.\.\] +- Gets files\. *\n/);
  assertEquals((await run("help", "get")).printed.includes("Gets files."), true);
  assertEquals(await refusal("help", "gte"), 'Unknown command "gte". Did you mean command "get"?');
});

Deno.test("help wraps to the width and has colours only if asked", async () => {
  const calls: Call[] = [];
  const cli = program(calls);
  const options = { colors: false, width: 60 };
  cli.getHelp(options);
  const narrow = cli.getCommand("get")?.getHelp(options) ?? "";
  assertEquals(narrow.includes("\x1b"), false);
  for (const line of narrow.split("\n")) assertEquals(line.length <= 60, true, line);
  assertEquals((await run("-h")).calls, []);
});

Deno.test("the version is shown short or long", async () => {
  assertEquals((await run("-V")).printed, "1.2.3");
  assertEquals((await run("--version")).printed, "dl 1.2.3");
});

Deno.test("completions are scripts that know the commands and options", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { printed } = await run("completions", shell);
    for (const word of ["dl", "get", "check", "workers"]) assertStringIncludes(printed, word);
  }
});

Deno.test("the bash script is one that bash takes", async () => {
  const { printed } = await run("completions", "bash");
  const child = new Deno.Command("bash", { args: ["-n"], stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(printed));
  await writer.close();
  assertEquals((await child.status).code, 0);
});
