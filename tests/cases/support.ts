import { assertEquals } from "@std/assert";
import { type Outcome, runDlm } from "../support/dlm.ts";
import type { FileRequest, FileServer } from "../support/file_server.ts";
import type { TempDir } from "../support/temp_dir.ts";

/** Downloads with the program, and with retries that don't wait. */
export async function download(
  dir: { readonly path: string },
  urls: readonly string[],
  ...args: string[]
): Promise<Outcome> {
  return await runDlm(
    ["download", "--urls", "-", "--dir", dir.path, "--retry-delay", "1ms", ...args],
    { stdin: urls.join("\n") },
  );
}

/** Checks that the folder holds these files, byte for byte, and nothing else. */
export function assertFiles(dir: TempDir, files: Readonly<Record<string, Uint8Array>>): void {
  assertEquals(dir.names(), Object.keys(files).sort());
  for (const [name, bytes] of Object.entries(files)) assertSame(dir, name, bytes);
}

/** Checks one file without printing megabytes when it is wrong. */
export function assertSame(dir: TempDir, name: string, bytes: Uint8Array): void {
  const got = Deno.readFileSync(dir.file(name));
  const differs = got.findIndex((byte, index) => byte !== bytes[index]);
  const found = { length: got.length, differs };
  assertEquals(found, { length: bytes.length, differs: -1 }, `${name} is not as it was sent`);
}

/** The errors that were told, by the name of the file. */
export function errorsOf({ stderr }: Outcome): Record<string, string> {
  const lines = [...stderr.matchAll(/^✗ (\S+) +Error: (.*)$/gm)];
  return Object.fromEntries(lines.map(([, name, message]) => [name!, message!]));
}

/** The ranges that were asked for at a path, in order. */
export function rangesOf(server: FileServer, path: string): (string | undefined)[] {
  return requestsOf(server, path).map(({ headers }) => headers.get("range"));
}

/** The requests for a path, in order. */
export function requestsOf({ requests }: FileServer, path: string): FileRequest[] {
  return requests.filter((request) => request.path === path);
}
