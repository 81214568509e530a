import { Command } from "@cliffy/command";
import { demo } from "./demo.ts";
import { download } from "./download.ts";
import { readDownloadOptions } from "./download_options.ts";
import { VERSION } from "./version.ts";

/** What a command came to: the exit code of the one that ran. */
export interface Outcome {
  code: number;
}

/**
 * The commands and their flags. Every flag's value arrives as it was typed; what it may be is
 * checked by the command, so that all errors speak with one voice.
 */
export async function runCommand(args: string[]): Promise<number> {
  const outcome: Outcome = { code: 0 };
  const root = new Command()
    .name("dlm")
    .usage("<command> [options]")
    .version(VERSION)
    .description("Downloads many files at once.")
    .noExit()
    .action(function () {
      this.showHelp();
    })
    .command("download", downloadCommand(outcome))
    .command("demo", demoCommand(outcome));
  await root.parse(args);
  return outcome.code;
}

function downloadCommand(outcome: Outcome) {
  return new Command()
    .alias("get")
    .description("Downloads URLs, named here or in a list.")
    .arguments("[url...:string]")
    .option("--urls <file:string>", "A list with one URL a line; - reads the standard input.")
    .option("-d, --dir <dir:string>", "The folder to download to. (default: .)")
    .option("-o, --output <name:string>", "The file's name, for a single URL.")
    .option(
      "--if-exists <what:string>",
      "If a file is there already: skip, resume, rename or overwrite. (default: resume)",
    )
    .option("-w, --workers <n:string>", "Files at the same time. (default: 5)")
    .option("--queue <n:string>", "Files read ahead of the workers. (default: 100)")
    .option("--timeout <time:string>", "Longest silence of a server. (default: 30s)")
    .option("--retries <n:string>", "Further attempts at a file. (default: 3)")
    .option("--retry-delay <time:string>", "Before the first retry; then doubling. (default: 1s)")
    .option("--max-size <size:string>", "Refuse larger files.")
    .option(
      "--grace-period <time:string>",
      "How long files under way may take after Ctrl+C. (default: 10s)",
    )
    .option("--checksum <digest:string>", "What a single file must hash to: ALGO=HEX.")
    .option("-H, --header <header:string>", "A header for every request; repeatable.", {
      collect: true,
    })
    .option("--user-agent <text:string>", "The User-Agent header.")
    .option("-q, --quiet", "Print nothing but errors.")
    .option("--color <when:string>", "auto, always or never. (default: auto)")
    .example("A list, eight files at a time", "dlm download --urls urls.txt --workers 8")
    .example("One file under another name", "dlm download https://example.com/a.zip -o b.zip")
    .action(async (options, ...urls) => {
      outcome.code = await download(readDownloadOptions(options, urls));
    });
}

function demoCommand(outcome: Outcome) {
  return new Command()
    .description("Shows a download of a dozen files from a server on this machine.")
    .option("-w, --workers <n:string>", "Files at the same time. (default: 5)")
    .option("-d, --dir <dir:string>", "Keep the files here. (default: a temporary folder)")
    .action(async (options) => {
      outcome.code = await demo(options);
    });
}
