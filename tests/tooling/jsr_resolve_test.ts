import { assert, assertEquals, assertLess } from "@std/assert";
import { answers, registry } from "../../fixtures/jsr/resolve.ts";
import { testWithin } from "../support/watchdog.ts";

const STAND_INS = new URL("../../fixtures/jsr/", import.meta.url).href;
const RESOLVE = new URL("../../fixtures/jsr/resolve.ts", import.meta.url).pathname;

/** Runs `body` with the URL of a server that answers so. */
async function serving(
  handler: Deno.ServeHandler,
  body: (url: string) => Promise<void>,
): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  await body(`http://127.0.0.1:${server.addr.port}/`);
}

testWithin("a registry answers when it has a package's metadata", async () => {
  let asked = "";
  const handler = (request: Request) => {
    asked = new URL(request.url).pathname;
    return Response.json({ scope: "std", name: "assert", versions: { "1.0.0": {} } });
  };
  await serving(handler, async (url) => assert(await answers(url, 5_000)));
  assertEquals(asked, "/@std/assert/meta.json");
});

testWithin("a captive portal, an error and a closed port are no registry", async () => {
  const html = () =>
    new Response("<html>Log in</html>", { headers: { "content-type": "text/html" } });
  await serving(html, async (url) => assert(!await answers(url, 5_000)));
  const error = () => Response.json({ versions: {} }, { status: 503 });
  await serving(error, async (url) => assert(!await answers(url, 5_000)));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assert(!await answers(`http://127.0.0.1:${port}/`, 5_000));
});

testWithin("a registry that keeps silent is given up", async () => {
  const silence = Promise.withResolvers<Response>();
  await serving(() => silence.promise, async (url) => {
    assert(!await answers(url, 50));
    silence.resolve(new Response());
  });
});

testWithin(
  "the chosen registry goes before the real one, and that before the stand-ins",
  async () => {
    const dead = "http://127.0.0.1:1/";
    assertEquals(await registry("file:///elsewhere/", dead, 50), "file:///elsewhere/");
    assertEquals(await registry(undefined, dead, 50), STAND_INS);
    assertEquals(await registry("", dead, 50), STAND_INS);
    const meta = () => Response.json({ versions: {} });
    await serving(meta, async (url) => assertEquals(await registry(undefined, url, 5_000), url));
  },
);

testWithin(
  "as a program it prints one URL and nothing else, within two seconds or so",
  async () => {
    const start = performance.now();
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", "--allow-net=jsr.io", "--allow-env=JSR_URL", RESOLVE],
      env: { JSR_URL: "" },
    }).output();
    const text = new TextDecoder();
    assertEquals(code, 0);
    assertEquals(text.decode(stderr), "");
    assert(["https://jsr.io/\n", `${STAND_INS}\n`].includes(text.decode(stdout)));
    assertLess(performance.now() - start, 6_000);
  },
);
