import { assert, assertEquals, assertMatch } from "@std/assert";
import { HeldServer } from "../support/held_server.ts";
import { testNeeding, tmux } from "../support/needs.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Tmux } from "../support/tmux.ts";

/** A size at which a progress bar moves. */
const SIZE = 2_000_000;

for (const columns of [80, 120]) {
  testNeeding([tmux], `progress is redrawn in place on ${columns} columns`, async () => {
    await using server = new HeldServer({ size: SIZE });
    await using dir = new TempDir();
    await using terminal = new Tmux({ columns, rows: 24, cwd: dir.path });
    dir.write("list", ["/one.bin", "/two.bin", "/three.bin"].map(server.url, server).join("\n"));
    terminal.type("dlm get --urls list --dir in --workers 2");

    const half = await terminal.shows(/⚙ .* 50% .*\n⚙ .* 50% .*\nTotal/);
    assertEquals(half.match(/^Total/mg)?.length, 1, half);
    assertEquals(half.match(/^⚙/mg)?.length, 2, half);
    assertMatch(half, /^⚙ .*one\.bin +\[█+░+\] +50% +.*B\/s/m);
    assertFits(half, columns);

    await server.advance(0.8);
    const more = await terminal.shows(/⚙ .* 80% .*\n⚙ .* 80% .*\nTotal/);
    assertEquals(more.match(/^Total/mg)?.length, 1, more);
    assertFits(more, columns);

    await server.release();
    const end = await terminal.shows(/Avg Speed: [^]*ready\$/);
    assertMatch(end, /^✓ one\.bin +2 MB/m);
    assertMatch(end, /^✓ three\.bin +2 MB/m);
    assertEquals(end.match(/⚙|Total: /g), null, end);
    await assertUsable(terminal, 0);
  });
}

testNeeding(
  [tmux],
  "Ctrl+C waits for what is under way, and the shell has its terminal back",
  async () => {
    await using server = new HeldServer({ size: SIZE });
    await using dir = new TempDir();
    await using terminal = new Tmux({ columns: 80, rows: 24, cwd: dir.path });
    dir.write("list", ["/a.bin", "/b.bin", "/c.bin"].map(server.url, server).join("\n"));
    terminal.type("dlm get --urls list --dir in --workers 2 --grace-period 1h");
    await terminal.shows(/⚙ .* 50% .*\n⚙ .* 50% .*\nTotal/);
    terminal.press("C-c");
    const draining = await terminal.shows(/in-flight downloads to complete[^]*\n⚙[^]*\nTotal/);
    assertEquals(draining.match(/^⚙/mg)?.length, 2, draining);
    await server.release();
    const end = await terminal.shows(/Run the same command again[^]*ready\$/);
    assertEquals(end.match(/⚙/g), null, end);
    await assertUsable(terminal, 130);
    assertEquals(Object.keys(dir.tree()), ["list", "in/", "in/a.bin", "in/b.bin"]);
  },
);

testNeeding([tmux], "Ctrl+C twice ends at once, and the shell has its terminal back", async () => {
  await using server = new HeldServer({ size: SIZE });
  await using dir = new TempDir();
  await using terminal = new Tmux({ columns: 80, rows: 24, cwd: dir.path });
  terminal.type(`dlm download --grace-period 1h ${server.url("/a.bin")}`);
  await terminal.shows(/⚙ .* 50% .*\nTotal/);
  terminal.press("C-c");
  await terminal.shows(/in-flight download to complete/);
  terminal.press("C-c");
  const end = await terminal.shows(/Run the same command again[^]*ready\$/);
  assertMatch(end, /^✗ a\.bin +cancelled \(50% complete\)/m);
  await assertUsable(terminal, 130);
});

testNeeding([tmux], "a program that is killed leaves a usable terminal", async () => {
  await using server = new HeldServer({ size: SIZE });
  await using dir = new TempDir();
  await using terminal = new Tmux({ columns: 80, rows: 24, cwd: dir.path });
  terminal.type(`dlm download ${server.url("/a.bin")}`);
  await terminal.shows(/⚙ .* 50% .*\nTotal/);
  terminal.press("C-\\"); // SIGQUIT, which nobody handles
  await terminal.shows(/Quit[^]*ready\$/);
  await assertUsable(terminal, 128 + 3);
});

testNeeding([tmux], "a screen that is resized meanwhile is not littered", async () => {
  await using server = new HeldServer({ size: SIZE });
  await using dir = new TempDir();
  await using terminal = new Tmux({ columns: 120, rows: 24, cwd: dir.path });
  dir.write("list", ["/one.bin", "/two.bin"].map(server.url, server).join("\n"));
  terminal.type("dlm get --urls list");
  await terminal.shows(/⚙ .* 50% .*\n⚙ .* 50% .*\nTotal/);
  terminal.resize(60, 20);
  await server.advance(0.7);
  const narrow = await terminal.shows(/⚙ .* 70% .*\n⚙ .* 70% .*\nTotal/);
  assertEquals(narrow.match(/^Total/mg)?.length, 1, narrow);
  assertEquals(narrow.match(/^⚙/mg)?.length, 2, narrow);
  assertFits(narrow, 60);
  await server.release();
  await terminal.shows(/Avg Speed: [^]*ready\$/);
  await assertUsable(terminal, 0);
});

/** No line was too long for the screen, so none was wrapped. */
function assertFits(screen: string, columns: number): void {
  for (const line of screen.split("\n")) assert(line.length < columns, line);
}

/** The cursor is there, what is typed is seen, and the exit code is what it should be. */
async function assertUsable(terminal: Tmux, code: number): Promise<void> {
  assert(terminal.cursorIsVisible);
  terminal.type('echo "ended with $?"');
  const screen = await terminal.shows(/^ended with \d+$/m);
  assertMatch(screen, new RegExp(`^ready\\$ echo "ended with \\$\\?"\nended with ${code}\n`, "m"));
}
