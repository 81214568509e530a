import { assertEquals, assertThrows } from "@std/assert";
import { parseUrl, redactUrl } from "../../src/download/mod.ts";

Deno.test("parseUrl takes http, https and IPv6 literals, without the fragment", () => {
  assertEquals(parseUrl("http://h/a#b").href, "http://h/a");
  assertEquals(parseUrl("https://[::1]:8080/a").href, "https://[::1]:8080/a");
});

for (const text of ["", "h/a", "file:///etc/passwd", "data:,x", "javascript:alert(1)", "http://"]) {
  Deno.test(`parseUrl refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parseUrl(text), TypeError, "is not a");
  });
}

Deno.test("credentials are never shown", () => {
  assertEquals(redactUrl(new URL("http://me:secret@h/a")), "http://h/a");
  assertEquals(redactUrl("ftp://me:p@ss@h/a"), "ftp://h/a");
  assertThrows(() => parseUrl("ftp://me:secret@h/a"), TypeError, '"ftp://h/a"');
});
