import { dlmCommand } from "../../support/dlm.ts";
import type { Nginx } from "../../support/nginx.ts";
import type { TempDir } from "../../support/temp_dir.ts";
import type { Command } from "../process.ts";

/** Several programs that download the same. */
export interface Race {
  readonly name: string;
  /** How many files must be there in the end. */
  readonly count: number;
  /** The server holds back, so that nothing is to be gained by warming up. */
  readonly isSlow?: boolean;
  /** Prepares everything and says what to run; all of it writes into `dir`'s folder `out`. */
  readonly prepare: (nginx: Nginx, dir: TempDir) => Promise<Record<string, Command>>;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** What a server may be told to send over each connection, in bytes a second. */
export const LIMITED = "location /limited/ { alias www/; limit_rate 20m; }";

const SEGMENTS = 16;

/** Everything that is measured. */
export const RACES: readonly Race[] = [
  mix("5000 × 16 KiB", 5_000, 16 * KIB, 16),
  mix("500 × 1 MiB", 500, MIB, 16),
  mix("4 × 512 MiB", 4, 512 * MIB, 4),
  {
    name: "500 × 1 MiB, verified",
    count: 500,
    async prepare(nginx, dir) {
      const files = await serve(nginx, 500, MIB, true);
      return verifying(dir, files, 16);
    },
  },
  {
    name: `1 × 512 MiB, ${SEGMENTS} segments`,
    count: 1,
    isSlow: true,
    async prepare(nginx, dir) {
      const [{ name }] = await serve(nginx, 1, 512 * MIB) as [Served];
      return dividing(dir, nginx.url(`/limited/${name}`));
    },
  },
];

/** So many files of one size. */
function mix(name: string, count: number, bytes: number, workers: number): Race {
  return {
    name,
    count,
    async prepare(nginx, dir) {
      return fetching(dir, await serve(nginx, count, bytes), workers);
    },
  };
}

/** A file that can be had. */
interface Served {
  readonly name: string;
  readonly url: string;
  readonly sha256: string;
}

/** Puts files where nginx serves them, each with bytes of its own. */
async function serve(
  nginx: Nginx,
  count: number,
  bytes: number,
  withSums = false,
): Promise<Served[]> {
  const body = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) {
    crypto.getRandomValues(body.subarray(at, Math.min(bytes, at + 65_536)));
  }
  const number = new DataView(body.buffer);
  const files: Served[] = [];
  for (let index = 0; index < count; index++) {
    number.setUint32(0, index);
    const name = `${bytes}-${index}.bin`;
    nginx.write(name, body);
    const digest = withSums ? await crypto.subtle.digest("SHA-256", body) : new ArrayBuffer(0);
    files.push({ name, url: nginx.url(`/${name}`), sha256: new Uint8Array(digest).toHex() });
  }
  return files;
}

function fetching(dir: TempDir, files: readonly Served[], workers: number) {
  const list = dir.write("urls.txt", files.map(({ url }) => `${url}\n`).join(""));
  const out = dir.file("out");
  const loop = new URL("fetch_loop.ts", import.meta.url).pathname;
  const args = ["download", "--urls", list, "-d", out, "-w", `${workers}`, "-q"];
  return {
    dlm: dlmCommand(args),
    "dlm --fsync never": dlmCommand([...args, "--fsync", "never"]),
    aria2: aria2(dir, list, workers),
    curl: curl(dir, files, workers),
    wget2: ["wget2", "-q", "--no-config", "--http2=off", `--max-threads=${workers}`, "-i", list],
    "deno fetch loop": [Deno.execPath(), "run", "-A", loop, list, out, `${workers}`],
  } satisfies Record<string, Command>;
}

function verifying(dir: TempDir, files: readonly Served[], workers: number) {
  const list = dir.write("urls.txt", files.map(({ url }) => `${url}\n`).join(""));
  const sums = dir.write(
    "SHA256SUMS",
    files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(""),
  );
  const withSums = dir.write(
    "aria2.txt",
    files.map(({ url, sha256 }) => `${url}\n  checksum=sha-256=${sha256}\n`).join(""),
  );
  const args = ["--urls", list, "-d", dir.file("out"), "-w", `${workers}`, "-q"];
  const fetchAndCheck = `"$@" && sha256sum --quiet --check ${sums}`;
  return {
    dlm: dlmCommand(["download", "--checksums", sums, ...args]),
    aria2: aria2(dir, withSums, workers),
    "curl, sha256sum": ["sh", "-c", fetchAndCheck, "sh", ...curl(dir, files, workers)],
  } satisfies Record<string, Command>;
}

function dividing(dir: TempDir, url: string) {
  const out = dir.file("out");
  const many = `${SEGMENTS}`;
  return {
    dlm: dlmCommand(["download", url, "-d", out, "--segments", many, "-q"]),
    aria2: [
      ...["aria2c", "-q", `-x${many}`, `-s${many}`, "-k1M", "-d", out, "--file-allocation=none"],
      url,
    ] as const,
    "curl, one connection": ["curl", "-s", "-O", url],
  } satisfies Record<string, Command>;
}

function aria2(dir: TempDir, list: string, workers: number): Command {
  const out = dir.file("out");
  return ["aria2c", "-q", "-i", list, "-j", `${workers}`, "-d", out, "--file-allocation=none"];
}

function curl(dir: TempDir, files: readonly Served[], workers: number): Command {
  const config = dir.write("curl.conf", files.map(({ url }) => `url = "${url}"\n`).join(""));
  const parallel = ["-Z", "--parallel-max", `${workers}`, "--parallel-immediate"];
  return ["curl", "-s", ...parallel, "--remote-name-all", "-K", config];
}
