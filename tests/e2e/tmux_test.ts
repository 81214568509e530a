import { assert, assertEquals, assertMatch } from "@std/assert";
import { HeldServer } from "../support/held_server.ts";
import { testNeeding, tmux } from "../support/needs.ts";
import { answer, RawServer } from "../support/raw_server.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Tmux } from "../support/tmux.ts";

/** What of the block stands among these lines. */
function blockOf(lines: readonly string[]): string[] {
  return lines.filter((line) => /⚙|^Total:? +\d+\/\d+/.test(line));
}

testNeeding(
  [tmux],
  "resizing in a flood of lines costs none of them, and leaves nothing of the block",
  async () => {
    const sizes = [[60, 20], [110, 24], [50, 16], [120, 40], [80, 24], [40, 14], [90, 30]];
    const files = 200 * (sizes.length + 1);
    await using dir = new TempDir();
    await using terminal = new Tmux({ columns: 120, rows: 30, cwd: dir.path });
    await using server = new RawServer(({ path }, connection) => {
      const size = sizes[server.requests.length / 200 - 1];
      if (size) terminal.resize(size[0]!, size[1]!);
      return connection.write(answer(path));
    });
    const urls = Array.from({ length: files }, (_, i) => server.url(`/file-${i}`));
    dir.write("urls", urls.join("\n"));
    terminal.type("clear; dlm download --urls urls --dir files; echo ended-$?");
    await terminal.shows(/^ended-0$/m, 30_000);
    const lines = terminal.history;
    assertEquals(blockOf(lines), []);
    const names = lines.map((line) => /^✓ (file-\d+) /.exec(line)?.[1]).filter(Boolean);
    assertEquals(names.length, files);
    assertEquals(new Set(names).size, files);
    assertEquals(lines.filter((line) => line === "Starting workers...").length, 1);
  },
  60_000,
);

testNeeding(
  [tmux],
  "Ctrl+Z leaves the shell a terminal without a block, and fg draws it again",
  async () => {
    await using server = new HeldServer();
    await using dir = new TempDir();
    await using terminal = new Tmux({ columns: 80, rows: 24, cwd: dir.path });
    terminal.type(`clear; dlm download ${server.url("/1")} ${server.url("/2")}`);
    await server.holds(2);
    await terminal.shows(/^⚙ Worker 2: 2 .*50%.*\nTotal: .*0\/2 files/m);
    terminal.press("C-z");
    const screen = await terminal.shows(/Stopped.*\n(.*\n)*ready\$|again to suspend/);
    if (screen.includes("again")) { // before Deno 2.9, see TerminalSession
      terminal.press("C-z");
      await terminal.shows(/Stopped.*\n(.*\n)*ready\$/);
    }
    assertEquals(blockOf(terminal.history), []);
    assert(terminal.cursorIsVisible);
    terminal.type("fg");
    await terminal.shows(/^⚙ Worker 2: 2 .*50%.*\nTotal: .*0\/2 files/m);
    terminal.resize(50, 20);
    await terminal.shows(/^⚙ 2: 2 .*50%.*\nTotal 0\/2/m);
    await server.release();
    await terminal.shows(/^Avg Speed.*\nready\$/m);
    const lines = terminal.history;
    assertEquals(blockOf(lines), []);
    assertMatch(
      lines.join("\n"),
      /Stopped.*\n(.*\n)*?ready\$ fg\n(.*\n)*✓ [12] +1 kB.*\n✓ [12] +1 kB/,
    );
  },
);
