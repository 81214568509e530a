import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.0.0";
import { Netrc } from "../../src/download/mod.ts";

const LOGIN = { username: "me", password: "secret" };

/** Files that say LOGIN for the host `h`. */
const SAME = [
  "machine h login me password secret",
  "machine h\n\tlogin me\n\tpassword secret\n",
  "machine h\r\nlogin me\r\npassword secret\r\n",
  "machine h password secret login me",
  "machine h login me account x password secret",
  'machine h login "me" password "secret"',
  "# machine h login no password no\nmachine h login me password secret",
  "machine other login a password b machine h login me password secret machine third",
  "default login me password secret",
  "machine x login a password b\ndefault\nlogin me\npassword secret",
  "macdef init\ncd /pub\nmachine h\n\nmachine h login me password secret",
  "machine h login me password secret\nmacdef init\nmachine h login no password no\n",
];

for (const text of SAME) {
  Deno.test(`a login is found in ${JSON.stringify(text)}`, () => {
    assertEquals(new Netrc(text).find("h"), LOGIN);
  });
}

Deno.test("only the host itself is meant", () => {
  const netrc = new Netrc("machine example.com login me password secret");
  for (const host of ["www.example.com", "example.co", "example.com.evil.example", ""]) {
    assertEquals(netrc.find(host), undefined);
  }
});

Deno.test("a machine comes before the default, and may have only half a login", () => {
  const netrc = new Netrc("machine a login x password y machine b login z default login d");
  assertEquals(netrc.find("a"), { username: "x", password: "y" });
  assertEquals(netrc.find("b"), { username: "z", password: "" });
  assertEquals(netrc.find("c"), { username: "d", password: "" });
});

Deno.test("the first entry that fits counts, and no entry gets the words of another", () => {
  const netrc = new Netrc(
    "machine a login 1 password 1 machine b login 2 password 2 machine a login 3 password 3\n" +
      "default login 4 password 4 machine c login 5 password 5 default login 6 password 6",
  );
  const names = ["a", "b", "c", "d"].map((host) => netrc.find(host)?.username);
  assertEquals(names, ["1", "2", "4", "4"]);
  const passwords = ["a", "b", "c", "d"].map((host) => netrc.find(host)?.password);
  assertEquals(passwords, names);
});

Deno.test("quotes hold blanks, quotes and backslashes", () => {
  const netrc = new Netrc(String.raw`machine h login "a b" password "c\"d\\e # f"`);
  assertEquals(netrc.find("h"), { username: "a b", password: 'c"d\\e # f' });
});

Deno.test("a # in a word is a part of it", () => {
  assertEquals(new Netrc("machine h login me password #1#2").find("h")?.password, "#1#2");
});

Deno.test("words that end too early mean nothing", () => {
  for (const text of ["", "machine", "login x", "password", "machine h login", "\n\n"]) {
    assertEquals(new Netrc(text).find("other"), undefined, text);
  }
});

Deno.test("what is written is found again, and no text makes it throw", () => {
  const word = fc.stringMatching(/^[!-~]{1,12}$/).filter((text) => !/["#\\]/.test(text));
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(word, word, word), { selector: ([h]) => h }), (all) => {
      const lines = all.map(([host, name, password]) =>
        `machine ${host} login ${name} password ${password}`
      );
      const netrc = new Netrc(lines.join("\n"));
      for (const [host, username, password] of all) {
        assertEquals(netrc.find(host), { username, password });
      }
    }),
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void new Netrc(text).find("h")));
});
