import { assertEquals } from "@std/assert";
import { Proxies } from "../../src/download/_proxies.ts";

function proxyFor(url: string, env: Record<string, string>, given?: string): string | undefined {
  const proxies = new Proxies(
    given === undefined ? undefined : new URL(given),
    (name) => env[name],
  );
  return proxies.of(new URL(url))?.href;
}

Deno.test("a proxy that is given counts for every URL, whatever the environment says", () => {
  const env = { http_proxy: "http://other:1", no_proxy: "*" };
  assertEquals(proxyFor("http://h/", env, "socks5://p:2"), "socks5://p:2");
  assertEquals(proxyFor("https://h/", env, "socks5://p:2"), "socks5://p:2");
});

const cases: [env: Record<string, string>, http?: string | undefined, https?: string][] = [
  [{}],
  [{ http_proxy: "http://p:1" }, "http://p:1/"],
  [{ HTTP_PROXY: "http://p:1" }, "http://p:1/"],
  [{ https_proxy: "http://p:1" }, undefined, "http://p:1/"],
  [{ http_proxy: "", HTTP_PROXY: "http://p:1" }, "http://p:1/"],
  [{ http_proxy: "http://small:1", HTTP_PROXY: "http://capital:1" }, "http://small:1/"],
  [{ all_proxy: "socks5://p:1" }, "socks5://p:1", "socks5://p:1"],
  [{ ALL_PROXY: "http://p:1", https_proxy: "http://q:2" }, "http://p:1/", "http://q:2/"],
  [{ http_proxy: "p:1" }, "http://p:1/"],
  [{ http_proxy: "http://u:w@p:1" }, "http://u:w@p:1/"],
  [{ http_proxy: "http://[" }],
];

for (const [env, http, https] of cases) {
  Deno.test(`the proxies of ${JSON.stringify(env)}`, () => {
    assertEquals(proxyFor("http://h/", env), http);
    assertEquals(proxyFor("https://h/", env), https);
  });
}

const exempt: [list: string, url: string, isExempt: boolean][] = [
  ["*", "http://h/", true],
  ["h", "http://h/", true],
  ["h", "http://H:8080/", true],
  ["h", "http://sub.h/", true],
  [".h", "http://sub.h/", true],
  ["*.h", "http://sub.h/", true],
  ["h", "http://other-h/", false],
  ["a, h ,b", "http://h/", true],
  ["", "http://h/", false],
  [",", "http://h/", false],
  ["127.0.0.1", "http://127.0.0.1/", true],
  ["::1", "http://[::1]:80/", true],
  ["[::1]", "http://[::1]/", true],
  ["[::1]:8080", "http://[::1]:8080/", true],
  ["[::1]:8080", "http://[::1]/", false],
  ["0:0:0:0::1", "http://[::1]/", true],
  ["::2", "http://[::1]/", false],
  ["fd00::/8", "http://[fd12::1]/", true],
  ["fd00::/8", "http://[fe80::1]/", false],
  ["10.0.0.0/8", "http://10.1.2.3/", true],
  ["10.0.0.0/8", "http://11.1.2.3/", false],
  ["10.0.0.0/8", "http://10.example/", false],
  ["192.168.1.128/25", "http://192.168.1.200/", true],
  ["192.168.1.128/25", "http://192.168.1.100/", false],
  ["127.0.0.1", "http://127.0.0.11/", false],
  ["0.0.1", "http://127.0.0.1/", false],
  ["h:8080", "http://h:8080/", true],
  ["h:8080", "http://sub.h:8080/", true],
  ["h:8080", "http://h/", false],
  ["h:80", "http://h/", true],
  ["h.", "http://h/", true],
  ["h", "http://h./", true],
  ["a h b", "http://h/", true],
  [":", "http://h/", false],
  ["[", "http://h/", false],
  ["/8", "http://10.0.0.1/", false],
];

for (const [list, url, isExempt] of exempt) {
  Deno.test(`no_proxy "${list}" ${isExempt ? "exempts" : "does not exempt"} ${url}`, () => {
    const proxy = proxyFor(url, { http_proxy: "http://p:1", NO_PROXY: list });
    assertEquals(proxy === undefined, isExempt);
  });
}
