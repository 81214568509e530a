import { assertEquals, assertRejects } from "@std/assert";
import { runCommand } from "../../src/cli/commands.ts";
import { UsageError } from "../../src/cli/errors.ts";

const HELP = "see dlm download --help";

/** What can't be understood, and what is said of it. */
const TABLE: [line: string[], message: string][] = [
  [["downlod"], 'Unknown command "downlod". Did you mean command "download"? See dlm --help'],
  [
    ["dowload", "http://h/"],
    'Unknown command "dowload". Did you mean command "download"? See dlm --help',
  ],
  [["dmeo"], 'Unknown command "dmeo". Did you mean command "demo"? See dlm --help'],
  [["--halp"], 'Unknown option "--halp". Did you mean option "--help"? See dlm --help'],
  [
    ["http://u:p@h/a"],
    '"http://h/a" is no command. Did you mean "dlm download http://h/a"? See dlm --help',
  ],
  [
    ["download", "--worker", "3", "http://h/"],
    'Unknown option "--worker". Did you mean option "--workers"? See dlm download --help',
  ],
  [
    ["download", "http://h/", "--ouptut=a"],
    'Unknown option "--ouptut". Did you mean option "--output"? See dlm download --help',
  ],
  [
    ["get", "--wrkers", "3"],
    'Unknown option "--wrkers". Did you mean option "--workers"? See dlm download --help',
  ],
  [["download", "--zzzzzz", "http://h/"], `Unknown option "--zzzzzz"; ${HELP}`],
  [["download", "-z", "http://h/"], `Unknown option "-z"; ${HELP}`],
  [
    ["demo", "--wrokers", "2"],
    'Unknown option "--wrokers". Did you mean option "--workers"? See dlm demo --help',
  ],
  [["demo", "now"], 'No arguments allowed for command "dlm demo"; see dlm demo --help'],
  [["download"], `nothing to download: name a URL, or a list of them with --urls FILE; ${HELP}`],
  [["download", "--workers"], `Missing value for option "--workers"; ${HELP}`],
  [
    ["download", "--quiet=1", "http://h/"],
    `Option "--quiet" doesn't take a value, but got "1"; ${HELP}`,
  ],
  [
    ["download", "--retries", "1", "--retries", "2", "http://h/"],
    `Option "--retries" can only occur once, but was found several times; ${HELP}`,
  ],
  [
    ["download", "--retries", "-1", "http://h/"],
    `--retries must be a whole number from 0 to 1000, got "-1"; ${HELP}`,
  ],
  [
    ["download", "--retries=-1", "http://h/"],
    `--retries must be a whole number from 0 to 1000, got "-1"; ${HELP}`,
  ],
  [
    ["download", "-w", "x", "http://h/"],
    `--workers must be a whole number from 1 to 512, or auto or MIN..MAX, got "x"; ${HELP}`,
  ],
  [["download", "--timeout=", "http://h/"], `--timeout needs a value; ${HELP}`],
  [["download", "--dir", "", "http://h/"], `--dir needs a value; ${HELP}`],
  [["download", "-o", "", "http://h/"], `-o needs a value; ${HELP}`],
  [["download", "http://h/", ""], `an empty argument is no URL; ${HELP}`],
  [["download", "--", "-x"], `"-x" is not a URL; ${HELP}`],
  [["download", "--", "--help"], `"--help" is not a URL; ${HELP}`],
  [["download", "--urls", "/no/such/list"], `--urls /no/such/list: there is no such file; ${HELP}`],
  [["download", "--urls", "/"], `--urls /: that is a folder; ${HELP}`],
];

for (const [line, message] of TABLE) {
  Deno.test(`refused: dlm ${line.join(" ")}`, async () => {
    const error = await assertRejects(() => runCommand(line), UsageError);
    assertEquals(error.message, message);
  });
}
