import { assert, assertEquals } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import manifest from "../../deno.json" with { type: "json" };
import { ExitCode } from "../../src/cli/exit_code.ts";
import { dashboard, RunState } from "../../src/display/mod.ts";
import { runDlm } from "../support/dlm.ts";
import { testWithin } from "../support/watchdog.ts";

const ROOT = new URL("../../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));

/** The rows of README's table under this heading: its first column without quotes, and its second. */
function table(heading: string): [string, string][] {
  const lines = README.slice(README.indexOf(`| ${heading} `)).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) => {
    const [, first = "", second = ""] = line.split("|").map((cell) => cell.trim());
    return [first.replaceAll("`", ""), second];
  });
}

/** What help lists under this heading: flags and arguments, or names, and what they do. */
async function help(heading: string, ...command: string[]): Promise<[string, string][]> {
  const { stdout } = await runDlm([...command, "--help"]);
  const [, section = ""] = new RegExp(`^${heading}:\n\n((?: .*\n)+)`, "m").exec(stdout) ?? [];
  return section.trimEnd().split("\n").map((line) => {
    const [, names = "", text = ""] = /^ {2}(.*?) +- (.*?) *$/.exec(line) ?? [];
    return [names.replace(/ +/g, " "), text];
  });
}

testWithin("README lists the flags of dlm download as its help does", async () => {
  assertEquals(table("Flag"), await help("Options", "download"));
});

testWithin("README lists the commands as help does", async () => {
  const listed = table("Command").map(([names, text]) => [names.replaceAll("dlm ", ""), text]);
  const known = await help("Commands");
  assertEquals(listed, known.map(([names, text]) => [names.replace(/ [<[].*/, ""), text]));
});

Deno.test("README lists the dashboard's keys as its help does", () => {
  const view = {
    stages: [],
    bytesPerSecond: Infinity,
    requestsPerSecond: Infinity,
    paused: false,
    scroll: 0,
    help: true,
    keys: true,
  };
  const { lines } = dashboard(new RunState(1, 0), view, { columns: 120, rows: 40 }, 0);
  const keys = lines.map(stripAnsiCode).map((line) => /^ {2}(\S.*?) {2,}(\S.*)$/.exec(line))
    .flatMap((match) => match ? [[match[1], match[2]]] : []);
  assertEquals(keys.length, 7);
  assertEquals(table("Key"), keys);
});

Deno.test("README lists every exit code", () => {
  assertEquals(table("Code").map(([code]) => Number(code)), Object.values(ExitCode));
});

Deno.test("README lists every task that is not a part of another, and names no other", () => {
  const tasks = Object.keys(manifest.tasks).filter((name) => !name.includes(":"));
  assertEquals(table("Task").map(([name]) => name.slice("deno task ".length)).sort(), tasks.sort());
  for (const [, name = ""] of README.matchAll(/(?:deno|deno@\S+) task ([\w:]+)/g)) {
    assert(name in manifest.tasks, name);
  }
});

Deno.test("README lists the folders as they are", () => {
  const folders = [...Deno.readDirSync(new URL("src/", ROOT))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => `${name}/`);
  assertEquals(table("In src/").map(([name]) => name).sort(), folders.sort());
  for (const [path] of table("Where")) Deno.statSync(new URL(path, ROOT));
});
