import { assertEquals, assertMatch } from "@std/assert";
import { dlmCommand } from "../support/dlm.ts";
import { echoServer } from "../support/echo_server.ts";
import { HeldServer } from "../support/held_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

testWithin("a reader that leaves early ends the lines, not the downloads", async () => {
  await using server = new HeldServer();
  await using dir = new TempDir();
  const [program, ...args] = dlmCommand(["download", server.url("/1"), server.url("/2")]);
  const child = new Deno.Command(program, {
    args,
    cwd: dir.path,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await server.holds(2);
  const reader = child.stdout.getReader();
  assertMatch(new TextDecoder().decode((await reader.read()).value), /^Concurrent Download/);
  await reader.cancel(); // the pipe is closed before the next line comes
  await server.release();
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(dir.names(), ["1", "2"]);
});

testWithin("a pipeline through head is survived", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const list = Array.from({ length: 200 }, (_, index) => server.url(`/${index}`)).join("\n");
  const script = '"$@" --urls <(echo "$LIST") | head -1; exit ${PIPESTATUS[0]}';
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...dlmCommand(["download", "--color", "never"])],
    cwd: dir.path,
    env: { LIST: list },
  }).output();
  assertMatch(new TextDecoder().decode(stdout), /^Concurrent Download Manager v\S+\n$/);
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertEquals(dir.names().length, 200);
});

testWithin("output that nobody can take does not end the downloads", async () => {
  await using server = echoServer();
  await using dir = new TempDir();
  const { code } = await new Deno.Command("bash", {
    args: ["-c", '"$@" >/dev/full 2>&1', "bash", ...dlmCommand(["get", server.url("/a")])],
    cwd: dir.path,
  }).output();
  assertEquals(code, 0);
  assertEquals(dir.names(), ["a"]);
});
