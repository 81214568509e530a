import { Command, ValidationError } from "@cliffy/command";
import { CompletionsCommand } from "@cliffy/command/completions";
import { HelpCommand } from "@cliffy/command/help";
import { stdout, wantsColor } from "../display/mod.ts";
import { redactUrl } from "../download/mod.ts";
import { checkConnectionOptions } from "./connection_options.ts";
import { download } from "./download.ts";
import { readDownloadOptions } from "./download_options.ts";
import { UsageError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { showVersion, VERSION } from "./version.ts";

/** What a command came to: the exit code of the one that ran. */
export interface Outcome {
  code: number;
}

/**
 * Runs the command that `args` name and resolves with its exit code.
 *
 * Every flag's value arrives as it was typed; what it may be is checked by the command, so that all
 * errors speak with one voice.
 *
 * @throws {UsageError} if the command line can't be understood; its message ends with where to
 * read more.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const outcome: Outcome = { code: 0 };
  const root = new Command()
    .name("dlm")
    .usage("<command> [options]")
    .version(VERSION)
    .versionOption("-V, --version", "Show the version.", { global: true, action: showVersion })
    .description("Downloads many files at once.")
    .help({ colors: wantsColor("auto", Deno.env.get, stdout.isTerminal) })
    .noExit()
    .action(function () {
      this.showHelp();
    })
    .command("download, get", downloadCommand(outcome))
    .command("verify", verifyCommand(outcome))
    .command("demo", demoCommand(outcome))
    .command("completions", new CompletionsCommand())
    .command("help", new HelpCommand());
  try {
    refuseBareUrl(args);
    refuseEmpty(args);
    await root.parse([...args]);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ValidationError)) throw error;
    const command: string = root.getCommand(args[0] ?? "")?.getPath() ?? "dlm";
    throw new UsageError(withHelp(error.message, `${command} --help`));
  }
  return outcome.code;
}

/** Ends a message with where to read more. */
function withHelp(message: string, help: string): string {
  return message.endsWith("?")
    ? `${message} See ${help}`
    : `${message.replace(/\.$/, "")}; see ${help}`;
}

/** A URL is no command, but what is meant is clear. */
function refuseBareUrl([first = ""]: readonly string[]): void {
  if (!/^https?:\/\//i.test(first)) return;
  const url = redactUrl(first);
  throw new UsageError(`"${url}" is no command. Did you mean "dlm download ${url}"?`);
}

/** The parser takes an empty value for none, and `--dir "$UNSET"` would go to the wrong place. */
function refuseEmpty(args: readonly string[]): void {
  for (const [index, word] of args.entries()) {
    if (word === "--") return;
    const attached = /^(--?[\w-]+)=$/.exec(word)?.[1];
    if (word !== "" && attached === undefined) continue;
    const flag = attached ?? args[index - 1] ?? "";
    throw new UsageError(
      /^-./.test(flag) ? `${flag} needs a value` : "an empty argument is no URL",
    );
  }
}

/** The parser takes a flag that it doesn't know for an argument where arguments are allowed. */
function refuseUnknownFlags(words: readonly string[], known: readonly string[]): void {
  for (const word of words) {
    if (!/^-./.test(word)) continue;
    const [flag = word] = word.split("=", 1);
    const meant = nearest(flag, known);
    throw new UsageError(
      `Unknown option "${flag}".${meant === undefined ? "" : ` Did you mean option "${meant}"?`}`,
    );
  }
}

function downloadCommand(outcome: Outcome) {
  return new Command()
    .description("Downloads URLs, named here or in a list.")
    .arguments("[url...:string]")
    .option("--urls <file:file>", "URLs, one a line, or a Metalink; - reads the standard input.")
    .option("-d, --dir <dir:file>", "The folder to download to. (default: .)")
    .option("-o, --output <name:string>", "The file's name, for a single URL.")
    .option(
      "--if-exists <what:string>",
      "If a file is there already: skip, resume, rename or overwrite. (default: resume)",
    )
    .option("-w, --workers <n:string>", "Files at the same time: N, MIN..MAX or auto. (default: 5)")
    .option("--queue <n:string>", "Files read ahead of the workers. (default: 100)")
    .option("--segments <n:string>", "Connections for one file, or auto. (default: auto)")
    .option("--per-host <n:string>", "Files from one host at the same time.")
    .option("--rate-limit <rate:string>", "Bytes a second in all: 10 (MB/s), 500k, 2.5M.")
    .option("--request-rate <n:string>", "Requests a second.")
    .option("--limits <file:file>", "Rates and workers from a file, read again at SIGHUP.")
    .option("--adaptive", "Find the number of workers that brings the most.")
    .option("--pipeline", "Name the stages: validate, download, checksum.")
    .option("--verify", "Check files against the digests that servers send, too.")
    .option("--checksums <file:file>", "A list of checksums, such as SHA256SUMS.")
    .option("--checksum <digest:string>", "What a single file must hash to: ALGO=HEX.")
    .option("--timeout <time:string>", "Longest silence of a server. (default: 30s)")
    .option("--min-speed <size:string>", "Give up connections that are slower, in bytes a second.")
    .option(
      "--max-time <time:string>",
      "Longest time for a whole file; 0 is no limit. (default: 0)",
    )
    .option("--retries <n:string>", "Further attempts at a file. (default: 3)")
    .option("--retry-delay <time:string>", "Before the first retry; then doubling. (default: 1s)")
    .option("--max-size <size:string>", "Refuse larger files.")
    .option(
      "--grace-period <time:string>",
      "How long files under way may take after Ctrl+C. (default: 10s)",
    )
    .option(
      "--fsync <when:string>",
      "Wait until files are on the disk: always or never. (default: always)",
    )
    .option("--dry-run", "Say what would be done, and do nothing.")
    .option("-H, --header <header:string>", "A header for every request; repeatable.", {
      collect: true,
    })
    .option("--user-agent <text:string>", "The User-Agent header.")
    .option("--referer <url:string>", "The Referer header.")
    .option("--user <login:string>", "NAME:PASSWORD for the servers of the URLs.")
    .option("--netrc", "Take logins from ~/.netrc.")
    .option("--cookies <file:file>", "Cookies, in Netscape's format.")
    .option("--proxy <url:string>", "A proxy: http://, https:// or socks5://.")
    .option("--cacert <file:file>", "Certificates to trust besides the usual ones (PEM).")
    .option("--cert <file:file>", "The certificate that proves who you are (PEM).")
    .option("--key <file:file>", "Its private key (PEM).")
    .option("--insecure", "Trust whoever answers, whatever its certificate says.")
    .option("--dashboard", "Show everything on the whole screen, with keys.")
    .option("--json", "Print events as NDJSON; everything else goes to the standard error.")
    .option("--log <file:file>", "Append what happens to a file, with times.")
    .option("--report <file:file>", "Write what became of each file as JSON.")
    .option("-q, --quiet", "Print nothing but errors.")
    .option("--color <when:string>", "auto, always or never. (default: auto)")
    .example("A list, eight files at a time", "dlm download --urls urls.txt --workers 8")
    .example("One file under another name", "dlm download https://example.com/a.zip -o b.zip")
    .action(async function (options, ...urls) {
      refuseUnknownFlags(urls, this.getOptions().flatMap(({ flags }) => flags));
      const all = [...urls, ...this.getLiteralArgs()]; // what follows `--` is never a flag
      const config = readDownloadOptions(options, all);
      await checkConnectionOptions(options, config);
      outcome.code = await download(config);
    });
}

function verifyCommand(outcome: Outcome) {
  return new Command()
    .description("Checks files against a list of checksums, such as SHA256SUMS.")
    .arguments("<sums:file>")
    .option("-d, --dir <dir:file>", "Where the files are. (default: .)")
    .option("-q, --quiet", "Print nothing but errors.")
    .action(async (options, sums) => {
      const { verify } = await import("./verify.ts");
      outcome.code = await verify(sums, options);
    });
}

function demoCommand(outcome: Outcome) {
  return new Command()
    .description("Shows a download of a dozen files from a server on this machine.")
    .option("-w, --workers <n:string>", "Files at the same time. (default: 5)")
    .option("-d, --dir <dir:file>", "Keep the files here. (default: a temporary folder)")
    .option("--dashboard", "Show everything on the whole screen, with keys.")
    .action(async (options) => {
      const { demo } = await import("./demo.ts");
      outcome.code = await demo(options);
    });
}
