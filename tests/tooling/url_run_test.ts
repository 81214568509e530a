import { assertEquals, assertStringIncludes } from "@std/assert";
import { testWithin } from "../support/watchdog.ts";

const TOP = new URL("../../", import.meta.url);

/** Runs Deno; the error shows what it said when it fails. */
async function deno(args: string[], cwd: string | URL): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
  const text = new TextDecoder();
  assertEquals(code, 0, text.decode(stdout) + text.decode(stderr));
  return text.decode(stdout);
}

testWithin("the bundle runs from a URL with nothing else there", async () => {
  const dir = await Deno.makeTempDir();
  const payload = crypto.getRandomValues(new Uint8Array(60_000));
  try {
    const bundle = `${dir}/dlm.js`;
    const flags = ["--platform", "deno", "--format", "esm", "--output", bundle];
    await deno(["bundle", "--quiet", ...flags, "main.ts"], TOP);
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        if (!request.url.endsWith("/dlm.js")) return new Response(payload);
        const headers = { "content-type": "text/javascript" };
        return new Response(await Deno.readFile(bundle), { headers });
      },
    );
    const home = `http://127.0.0.1:${server.addr.port}`;
    const permissions = ["--allow-net", "--allow-read", "--allow-write", "--allow-env"];
    const run = ["run", "--no-prompt", "--reload", ...permissions, `${home}/dlm.js`];
    assertStringIncludes(await deno([...run, "--version"], dir), "dlm ");
    await deno([...run, "download", "--dir", dir, `${home}/payload.bin`], dir);
    assertEquals(await Deno.readFile(`${dir}/payload.bin`), payload);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}, 120_000);
