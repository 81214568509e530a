import { assert, assertEquals } from "@std/assert";
import {
  FOLDERS,
  orphans,
  type SourceFile,
  strangers,
  violations,
} from "./tooling/architecture.ts";

const TOP = new URL("../", import.meta.url);

async function sources(folder: URL, path: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) {
      files.push(...await sources(url, `${path}${name}/`));
    } else if (name.endsWith(".ts")) {
      files.push({ path: path + name, text: await Deno.readTextFile(url) });
    }
  }
  return files;
}

async function allSources(): Promise<SourceFile[]> {
  const files = await sources(new URL("src/", TOP), "src/");
  for (const path of ["main.ts", "mod.ts"]) {
    files.push({ path, text: await Deno.readTextFile(new URL(path, TOP)) });
  }
  assert(files.length > 20, "the sources were found");
  return files;
}

Deno.test("the sources keep to the layout", async () => {
  assertEquals(violations(await allSources()), []);
});

Deno.test("every source is part of the program or of the library", async () => {
  assertEquals(orphans(await allSources(), ["main.ts", "mod.ts"]), []);
});

Deno.test("every folder of src/ is in the table and has a mod.ts", async () => {
  for await (const { name, isDirectory } of Deno.readDir(new URL("src/", TOP))) {
    if (!isDirectory) continue;
    assert(name in FOLDERS, `src/${name}/ is not in the table`);
    assert((await Deno.stat(new URL(`src/${name}/mod.ts`, TOP))).isFile);
  }
});

/** What stands at the top: what is committed, or in a copy without git everything there is. */
async function topLevel(): Promise<string[]> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args: ["ls-files"], cwd: TOP })
      .output();
    const paths = new TextDecoder().decode(stdout).split("\n").filter((path) => path !== "");
    if (success) return [...new Set(paths.map((path) => path.split("/", 1)[0] ?? path))];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await Array.fromAsync(Deno.readDir(TOP), ({ name }) => name);
}

Deno.test("nothing but what belongs there stands at the top", async () => {
  const gitignore = await Deno.readTextFile(new URL(".gitignore", TOP));
  assertEquals(strangers(await topLevel(), gitignore), []);
});

function check(path: string, text: string): string[] {
  return violations([{ path, text }]);
}

Deno.test("a folder may import what is above it in the table", () => {
  const allowed: [path: string, text: string][] = [
    ["src/chan/chan.ts", `import { systemClock } from "../clock/mod.ts";`],
    ["src/chan/chan.ts", `import { Ring } from "./_ring.ts";`],
    ["src/pool/pool.ts", `export type { Chan } from "../chan/mod.ts";`],
    ["src/display/state.ts", `import type { DownloadEvent } from "../download/mod.ts";`],
    ["src/display/state.ts", `import { type DownloadEvent } from "../download/mod.ts";`],
    ["src/display/keys.ts", `import process from "node:process"; process.stdout.write("");`],
    ["src/display/text.ts", `import { red } from "@std/fmt/colors"; console.log(red(""));`],
    ["src/download/transport.ts", `await fetch(url);`],
    ["src/cli/run.ts", `import { Command } from "@cliffy/command";`],
    ["src/cli/version.ts", `import config from "../../deno.json" with { type: "json" };`],
    ["src/cli/lazy.ts", `await import("../download/mod.ts");`],
    ["main.ts", `import { run } from "./src/cli/mod.ts"; Deno.exit(await run(Deno.args));`],
    ["mod.ts", `export * from "./src/chan/mod.ts";`],
  ];
  for (const [path, text] of allowed) assertEquals(check(path, text), [], text);
});

Deno.test("an import against the table is found", () => {
  const forbidden: [path: string, text: string, violation: string][] = [
    ["src/clock/a.ts", `import { Chan } from "../chan/mod.ts";`, "may not import chan"],
    ["src/clock/a.ts", `import type { Chan } from "../chan/mod.ts";`, "may not import chan"],
    ["src/clock/a.ts", `export * from "../chan/mod.ts";`, "may not import chan"],
    ["src/clock/a.ts", `export { Chan } from "../chan/mod.ts";`, "may not import chan"],
    ["src/clock/a.ts", `await import("../chan/mod.ts");`, "may not import chan"],
    ["src/clock/a.ts", `type C = import("../chan/mod.ts").Chan;`, "may not import chan"],
    ["src/clock/a.ts", `import "../chan/mod.ts";`, "may not import chan"],
    [
      "src/display/a.ts",
      `import { Manager, type Job } from "../download/mod.ts";`,
      "imports more than types from download",
    ],
    [
      "src/pool/a.ts",
      `import { Ring } from "../chan/_ring.ts";`,
      "imports ../chan/_ring.ts, past the mod.ts of chan",
    ],
    [
      "src/pool/a.ts",
      `import { Chan } from "../chan/chan.ts";`,
      "imports ../chan/chan.ts, past the mod.ts of chan",
    ],
    ["src/chan/a.ts", `import { Chan } from "./mod.ts";`, "imports the face of its own folder"],
    [
      "src/cli/a.ts",
      `import { testWithin } from "../../tests/support/watchdog.ts";`,
      "imports ../../tests/support/watchdog.ts, which is no folder of src/",
    ],
    ["mod.ts", `export * from "./src/download/mod.ts";`, "may not import download"],
    ["main.ts", `import { Chan } from "./src/chan/mod.ts";`, "may not import chan"],
    ["src/chan/a.ts", "await import(`../${name}/mod.ts`);", "computes what it imports"],
  ];
  for (const [path, text, violation] of forbidden) {
    assertEquals(check(path, text), [`${path}: ${violation}`], text);
  }
});

Deno.test("a package where none may be is found", () => {
  const forbidden: [path: string, specifier: string][] = [
    ["src/chan/a.ts", "@std/async"],
    ["src/shutdown/a.ts", "node:process"],
    ["src/pool/a.ts", "npm:p-queue"],
    ["src/download/a.ts", "@cliffy/command"],
    ["src/display/a.ts", "@cliffy/ansi"],
    ["src/cli/a.ts", "node:process"],
    ["src/cli/a.ts", "https://deno.land/x/a.ts"],
    ["mod.ts", "@std/async"],
  ];
  for (const [path, specifier] of forbidden) {
    const violation = `${path}: may not import the package ${specifier}`;
    assertEquals(check(path, `import "${specifier}";`), [violation]);
  }
});

Deno.test("what only one place may touch is found elsewhere", () => {
  const forbidden: [path: string, text: string, name: string][] = [
    ["src/download/a.ts", `await fetch(url);`, "fetch"],
    ["src/download/a.ts", `await globalThis.fetch(url);`, "globalThis.fetch"],
    ["src/download/a.ts", `const get = fetch;`, "fetch"],
    ["src/download/a.ts", `start({ fetch });`, "fetch"],
    ["src/cli/a.ts", `console.log("x");`, "console"],
    ["src/cli/a.ts", `await Deno.stdout.write(bytes);`, "Deno.stdout"],
    ["src/cli/a.ts", `const { stderr } = Deno;`, "Deno.stderr"],
    ["src/cli/a.ts", `Deno.exit(1);`, "Deno.exit"],
    ["src/cli/a.ts", `Deno["exit"](1);`, "Deno.exit"],
    ["src/cli/a.ts", `globalThis.Deno.exit(1);`, "Deno.exit"],
    ["src/display/a.ts", `run(Deno.args);`, "Deno.args"],
    ["src/display/a.ts", `process.exit(1);`, "process.exit"],
  ];
  for (const [path, text, name] of forbidden) {
    const found = check(path, text);
    assert(found.some((one) => one.startsWith(`${path}: uses ${name}, `)), text);
  }
});

Deno.test("comments, texts and members of the same name are no use of the platform", () => {
  const harmless = [
    `// console.log(fetch)`,
    `const text = "import '../chan/mod.ts'; Deno.exit()";`,
    `cache.fetch(url); class Cache { fetch(): void {} }`,
    `interface Source { fetch(): Promise<void> }`,
    `const table = { console: 1 };`,
    `await stream.stdout.close();`,
    `const input = Deno.stdin.readable;`,
  ];
  for (const text of harmless) assertEquals(check("src/clock/a.ts", text), [], text);
});

Deno.test("a source that nobody imports is found", () => {
  const files = [
    { path: "mod.ts", text: `export * from "./src/a/mod.ts";` },
    { path: "src/a/mod.ts", text: `export * from "./b.ts"; export * from "./mod.ts";` },
    { path: "src/a/b.ts", text: `import type { C } from "./c.ts"; await import("./d.ts");` },
    { path: "src/a/c.ts", text: "" },
    { path: "src/a/d.ts", text: "" },
    { path: "src/a/e.ts", text: `import "./b.ts";` },
  ];
  assertEquals(orphans(files, ["mod.ts"]), ["src/a/e.ts"]);
});

Deno.test("a stray file at the top is found", () => {
  const entries = ["deno.json", ".github", "dist", "notes.txt", "lib"];
  assertEquals(strangers(entries, "/dist/\n"), ["notes.txt", "lib"]);
});
