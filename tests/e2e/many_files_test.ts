import { assertEquals, assertMatch } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { nginx as needsNginx, testNeeding } from "../support/needs.ts";
import { Nginx } from "../support/nginx.ts";
import { TempDir } from "../support/temp_dir.ts";

const COUNT = 300;

/** Sizes from nothing to more than one read; every file's bytes are its own. */
function bytesOf(index: number): Uint8Array<ArrayBuffer> {
  const length = index % 50 === 0 ? index * 1_000 : index * 37;
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) + index) & 0xff);
}

function nameOf(index: number): string {
  return `file-${String(index).padStart(3, "0")}.bin`;
}

async function serveFiles(): Promise<Nginx> {
  const nginx = await Nginx.start();
  for (let index = 0; index < COUNT; index++) nginx.write(nameOf(index), bytesOf(index));
  return nginx;
}

function assertFiles(dir: TempDir): void {
  assertEquals(dir.names(), Array.from({ length: COUNT }, (_, index) => nameOf(index)));
  for (let index = 0; index < COUNT; index++) {
    assertEquals(Deno.readFileSync(dir.file(nameOf(index))), bytesOf(index), nameOf(index));
  }
}

testNeeding([needsNginx], "hundreds of files arrive byte for byte", async () => {
  await using nginx = await serveFiles();
  await using dir = new TempDir();
  const list = Array.from({ length: COUNT }, (_, index) => nginx.url(`/${nameOf(index)}`));
  const run = await runDlm(["download", "--urls", "-", "--workers", "16"], {
    cwd: dir.path,
    stdin: list.join("\n"),
  });
  assertEquals([run.code, run.stderr], [0, ""]);
  assertEquals(run.stdout.match(/^✓ /gm)?.length, COUNT);
  assertFiles(dir);
});

testNeeding(
  [needsNginx],
  "ten dead URLs among them are ten lines, and nothing else is lost",
  async () => {
    await using nginx = await serveFiles();
    await using dir = new TempDir();
    const refused = new URL(nginx.url("/"));
    {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      refused.port = `${listener.addr.port}`;
    }
    const dead: [url: string, why: RegExp][] = [
      ...[1, 2, 3, 4, 5, 6].map((
        n,
      ): [string, RegExp] => [nginx.url(`/lost-${n}.zip`), /404 Not F/]),
      [nginx.url("/forbidden"), /403 Forbidden/],
      [nginx.url("/withdrawn"), /410 Gone/],
      [`${refused}refused-1`, /connection refused/],
      [`${refused}refused-2`, /connection refused/],
    ];
    const list: string[] = [];
    for (let index = 0; index < COUNT; index++) {
      list.push(nginx.url(`/${nameOf(index)}`));
      if (index % 30 === 15) list.push(dead[Math.floor(index / 30)]![0]);
    }
    const args = ["download", "--urls", "-", "--workers", "16", "--retries", "1"];
    const run = await runDlm([...args, "--retry-delay", "1ms"], {
      cwd: dir.path,
      stdin: list.join("\n"),
    });
    assertEquals(run.code, 1);
    const lines = run.stderr.trimEnd().split("\n").filter((line) => !line.startsWith("⚠"));
    assertEquals(lines.length, dead.length, run.stderr);
    for (const [url, why] of dead) {
      const line = lines.find((line) => line.includes(`(${url})`)) ?? `nothing about ${url}`;
      assertMatch(line, /^✗ \S+ +Error: .+; .+$/);
      assertMatch(line, why);
    }
    assertMatch(run.stdout, new RegExp(`Successful: +${COUNT}\nFailed: +${dead.length}\n`));
    assertFiles(dir);
  },
);
