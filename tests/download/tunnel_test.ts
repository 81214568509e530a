import { assertEquals, assertRejects } from "@std/assert";
import { openTunnel } from "../../src/download/_tunnel.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { ScriptedWire } from "../support/scripted_wire.ts";
import { testWithin } from "../support/watchdog.ts";

const SERVER = new URL("https://user:word@[::1]/a?b=c");
const PROXY = new URL("http://me:p%40ss@proxy:1");

testWithin("a proxy is told who asks and where to, and nothing else", async () => {
  const wire = new ScriptedWire(["HTTP/1.1 200 Connected\r\ncontent-length: 5\r\n\r\n"]);
  await openTunnel(wire, SERVER, PROXY);
  assertEquals(
    wire.written,
    "CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\n" +
      `proxy-authorization: Basic ${btoa("me:p@ss")}\r\n\r\n`,
  );
});

const refusals: [answer: string, kind: string, message: string, retryable: boolean][] = [
  [
    "HTTP/1.1 407 Who\r\n\r\n",
    "http",
    "the proxy answered 407 Proxy Authentication Required",
    false,
  ],
  ["HTTP/1.1 502 No\r\n\r\n", "http", "the proxy answered 502 Bad Gateway", true],
  ["HTTP/1.1 302 There\r\nlocation: /\r\n\r\n", "http", "the proxy answered 302", false],
  ["", "connect", "the proxy closed the connection", true],
  ["HTTP/1.1 200 Connected\r\n", "connect", "the proxy does not answer as one", true],
  ["SSH-2.0-x\r\n\r\n", "connect", "the proxy does not answer as one", true],
  ["HTTP/1.1 200 Connected\r\n\r\nx", "connect", "the proxy does not answer as one", true],
];

for (const [answer, kind, message, retryable] of refusals) {
  testWithin(`a proxy that answers ${JSON.stringify(answer)} is no way`, async () => {
    const error = await assertRejects(
      () => openTunnel(new ScriptedWire([answer].filter((text) => text !== "")), SERVER, PROXY),
      DownloadError,
    );
    assertEquals([error.kind, error.message, error.retryable], [kind, message, retryable]);
  });
}
