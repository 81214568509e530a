import { assertEquals, assertThrows } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { CookieFile } from "../../src/download/mod.ts";

const COOKIE = { domain: "h.example", sub: "FALSE", path: "/", secure: "FALSE", expires: "0" };

/** A line of a cookie file. */
function line(changes: Partial<typeof COOKIE>, pair = "a\t1"): string {
  const { domain, sub, path, secure, expires } = { ...COOKIE, ...changes };
  return [domain, sub, path, secure, expires, pair].join("\t");
}

function header(url: string, ...lines: string[]): string | undefined {
  return new CookieFile(lines.join("\n")).headerFor(new URL(url));
}

const FUTURE = String(Date.now() / 1000 + 3600);

const MATCHES: [changes: Partial<typeof COOKIE>, url: string, sent: boolean][] = [
  [{}, "http://h.example/", true],
  [{}, "https://h.example:8443/x?y", true],
  [{}, "http://H.Example/", true],
  [{ domain: "H.EXAMPLE" }, "http://h.example/", true],
  [{}, "http://www.h.example/", false],
  [{}, "http://evilh.example/", false],
  [{}, "http://h.example.evil.example/", false],
  [{ sub: "TRUE" }, "http://www.h.example/", true],
  [{ sub: "TRUE" }, "http://evilh.example/", false],
  [{ domain: ".h.example", sub: "TRUE" }, "http://h.example/", true],
  [{ domain: ".h.example", sub: "TRUE" }, "http://a.b.h.example/", true],
  [{ domain: "#HttpOnly_h.example" }, "http://h.example/", true],
  [{ secure: "TRUE" }, "http://h.example/", false],
  [{ secure: "TRUE" }, "https://h.example/", true],
  [{ path: "/a" }, "http://h.example/a", true],
  [{ path: "/a" }, "http://h.example/a/b", true],
  [{ path: "/a/" }, "http://h.example/a/b", true],
  [{ path: "/a/" }, "http://h.example/a", false],
  [{ path: "/a" }, "http://h.example/ab", false],
  [{ path: "/a" }, "http://h.example/", false],
  [{ expires: "1" }, "http://h.example/", false],
  [{ expires: FUTURE }, "http://h.example/", true],
];

for (const [changes, url, sent] of MATCHES) {
  const { expires, ...shown } = changes;
  const name = JSON.stringify(shown) + (expires === FUTURE ? " later" : expires ?? "");
  Deno.test(`a cookie for ${name} is ${sent ? "" : "not "}sent to ${url}`, () => {
    assertEquals(header(url, line(changes)), sent ? "a=1" : undefined);
  });
}

Deno.test("cookies come in the order of the file; comments, blanks and CR mean nothing", () => {
  const file = ["# Netscape HTTP Cookie File\r", "", line({}, "b\t2=3\r"), "  ", line({}, "a\t1")];
  assertEquals(header("http://h.example/", ...file), "b=2=3; a=1");
  assertEquals(header("http://h.example/", line({}, "empty")), "empty=");
  assertEquals(header("http://h.example/", ""), undefined);
});

Deno.test("addresses are hosts like others", () => {
  assertEquals(header("http://127.0.0.1:8080/", line({ domain: "127.0.0.1" })), "a=1");
  assertEquals(header("http://[::1]/", line({ domain: "[::1]" })), "a=1");
});

Deno.test("a line that is no cookie is refused by its number, without its value", () => {
  const wrong = [
    "just words",
    "h.example",
    line({ expires: "soon" }),
    line({}, ""),
  ];
  for (const text of wrong) {
    assertThrows(() => new CookieFile(`# one\n${text}`), TypeError, "line 2 is not a cookie");
  }
  for (const value of ["a\tse;cret", "a\tse\x00cret", "a\tse\x7fcret", "na\x1bme\tsecret"]) {
    const error = assertThrows(() => new CookieFile(line({}, value)), TypeError, "line 1 holds a");
    assertEquals(/secret|cret/.test(error.message), false);
  }
});

Deno.test("no text makes it throw anything but its own error, and no header breaks a line", () => {
  const field = fc.oneof(fc.constantFrom("h.example", "TRUE", "/", "0", ""), fc.string());
  const text = fc.array(fc.array(field, { maxLength: 8 }).map((all) => all.join("\t")))
    .map((lines) => lines.join("\n"));
  fc.assert(fc.property(text, (text) => {
    let file: CookieFile;
    try {
      file = new CookieFile(text);
    } catch (error) {
      assertEquals(error instanceof TypeError && /^line \d+ /.test(error.message), true);
      return;
    }
    const header = file.headerFor(new URL("https://h.example/")) ?? "";
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x1f\x7f]/.test(header), false);
  }));
});
