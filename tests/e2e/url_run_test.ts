import { assertEquals, assertMatch } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { HeldServer } from "../support/held_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;

/** What README says the program needs when it is run from a URL. */
const PERMISSIONS = ["--allow-net", "--allow-read", "--allow-write", "--allow-env"];

/** A registry where nothing is, for what must need none. */
const NOWHERE = "http://127.0.0.1:9/";

testWithin("the bundle runs from a URL with nothing else at hand", async () => {
  await using dir = new TempDir();
  const bundle = dir.file("dlm.js");
  // As the task `bundle` does, but to another place; `.ci/run` runs the task itself.
  const args = ["--platform", "deno", "--format", "esm", "--output", bundle, "main.ts"];
  const made = await deno(["bundle", ...args], { cwd: PROJECT });
  assertEquals(made.code, 0, made.stderr);
  const source = dir.read("dlm.js");

  await using files = new HeldServer();
  await files.release();
  await using script = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(source, { headers: { "content-type": "text/javascript" } }),
  );
  const url = `http://127.0.0.1:${script.addr.port}/dlm.js`;
  Deno.mkdirSync(dir.file("work"));
  const env = {
    DENO_DIR: dir.file("cache"),
    JSR_URL: NOWHERE,
    NPM_CONFIG_REGISTRY: NOWHERE,
    NO_COLOR: "1",
  };
  const options = { cwd: dir.file("work"), env };
  const run = ["run", "--no-prompt", ...PERMISSIONS, url];

  const version = await deno([...run, "--version"], options);
  assertEquals([version.code, version.stdout], [0, `dlm ${manifest.version}\n`], version.stderr);
  const { code, stdout, stderr } = await deno(
    [...run, "download", files.url("/a"), files.url("/b"), "--dir", "in"],
    options,
  );
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^✓ a [^]*Successful: +2\n/m);
  for (const name of ["a", "b"]) {
    assertEquals(Deno.readFileSync(dir.file(`work/in/${name}`)), files.bytes(`/${name}`));
  }
}, 60_000);

async function deno(
  args: string[],
  options: Deno.CommandOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, ...options })
    .output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}
