import { Output } from "../display/mod.ts";
import { DemoServer } from "./demo_server.ts";
import { download } from "./download.ts";
import { readDownloadOptions } from "./download_options.ts";
import { ExitCode } from "./exit_code.ts";

/** The options of `dlm demo` as they are typed. */
export interface RawDemoOptions {
  workers?: string | undefined;
  dir?: string | undefined;
  dashboard?: boolean | undefined;
}

/** Runs `dlm demo`: the real program against a server of its own on this machine. */
export async function demo(raw: RawDemoOptions): Promise<number> {
  // A proxy's loopback interface is not this machine's.
  for (const name of ["NO_PROXY", "no_proxy"]) Deno.env.set(name, "127.0.0.1");
  const dir = raw.dir ?? await Deno.makeTempDir({ prefix: "dlm-demo-" });
  await using server = new DemoServer();
  try {
    const config = readDownloadOptions({ ...raw, dir, retryDelay: "500ms" }, server.urls);
    const code = await download(config);
    if (code !== ExitCode.ok) return code;
    await server.check(dir);
    using output = new Output();
    output.line(`\nEvery byte is as the server has sent it. Now try: dlm download URL…`);
    return code;
  } finally {
    if (raw.dir === undefined) await Deno.remove(dir, { recursive: true });
  }
}
