import { assertEquals } from "@std/assert";
import { registryFiles, staleFiles } from "../../fixtures/jsr/manifest.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("the stand-ins' manifests are those of their sources", async () => {
  const stale = await staleFiles();
  assertEquals(stale.map(({ url }) => url.pathname), [], "run `deno task jsr:manifest`");
});

testWithin("no stand-in has a version that could be a real one", async () => {
  for (const { url } of await registryFiles()) {
    const [, version = "1.999.0"] = /\/([^/]+)_meta\.json$/.exec(url.pathname) ?? [];
    assertEquals(version, "1.999.0");
  }
});

testWithin("a manifest is stale when a source changes, comes or goes", async () => {
  const path = await Deno.makeTempDir();
  const root = new URL(`file://${path}/`);
  const folder = new URL("@a/b/1.999.0/", root);
  const stale = async () => {
    const files = await staleFiles(root);
    return files.map(({ url }) => url.href.slice(root.href.length));
  };
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(new URL("exports.json", folder), `{ ".": "./mod.ts" }`);
    await Deno.writeTextFile(new URL("mod.ts", folder), "export {};\n");
    assertEquals(await stale(), ["@a/b/1.999.0_meta.json", "@a/b/meta.json"]);
    for (const { url, text } of await registryFiles(root)) await Deno.writeTextFile(url, text);
    assertEquals(await stale(), []);
    await Deno.writeTextFile(new URL("mod.ts", folder), "export {}; \n");
    assertEquals(await stale(), ["@a/b/1.999.0_meta.json"]);
    await Deno.writeTextFile(new URL("mod.ts", folder), "export {};\n");
    await Deno.writeTextFile(new URL("more.ts", folder), "");
    assertEquals(await stale(), ["@a/b/1.999.0_meta.json"]);
    await Deno.remove(new URL("more.ts", folder));
    assertEquals(await stale(), []);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
