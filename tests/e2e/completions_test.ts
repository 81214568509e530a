import { assertEquals } from "@std/assert";
import { runDlm } from "../support/dlm.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWithin } from "../support/watchdog.ts";

/** Completes the last word of a command line as bash does when Tab is pressed. */
const PRESS_TAB = `
  eval "$SCRIPT"
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _dlm dlm "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
  printf '%s\\n' "\${COMPREPLY[@]}"
`;

testWithin("bash completes commands, flags and the names of files", async () => {
  await using dir = new TempDir();
  dir.write("urls.txt", "");
  const { code, stdout: script } = await runDlm(["completions", "bash"]);
  assertEquals(code, 0);
  const lines: [words: string[], completed: string[]][] = [
    [["ver"], ["verify"]],
    [["download", "--dash"], ["--dashboard"]],
    [["download", "--urls", "ur"], ["urls.txt"]],
    [["download", "--checksums", "ur"], ["urls.txt"]],
    [["verify", "-d", "ur"], ["urls.txt"]],
  ];
  for (const [words, completed] of lines) {
    const { stdout } = await new Deno.Command("bash", {
      args: ["--norc", "-c", PRESS_TAB, "bash", "dlm", ...words],
      cwd: dir.path,
      env: { SCRIPT: script },
    }).output();
    const found = new Set(new TextDecoder().decode(stdout).trim().split("\n")); // as bash shows them
    assertEquals([...found], completed, words.join(" "));
  }
});
