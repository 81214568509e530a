import { TempDir } from "./temp_dir.ts";

/** What is not as usual. */
export interface NginxOptions {
  /** Further directives for the server. */
  readonly server?: string;
  /** Listens on every address of this machine. */
  readonly everywhere?: boolean;
}

/** nginx on a free port of this machine, over a folder that is removed with it. */
export class Nginx implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #log: Promise<void>;
  readonly #dir: TempDir;
  readonly #port: number;

  private constructor(child: Deno.ChildProcess, log: Promise<void>, dir: TempDir, port: number) {
    this.#child = child;
    this.#log = log;
    this.#dir = dir;
    this.#port = port;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @throws {Error} if it is not installed or doesn't start, with what it has to say.
   */
  static async start(options: NginxOptions = {}): Promise<Nginx> {
    const dir = new TempDir();
    Deno.mkdirSync(dir.file("www"));
    const port = freePort();
    const config = dir.write("nginx.conf", configOf(dir, port, options));
    try {
      const child = spawn(["-p", dir.path, "-c", config, "-e", "stderr"]);
      const log = new Log(child.stderr);
      if (!await log.saw("start worker process")) {
        await child.status;
        throw new Error(`nginx doesn't start: ${log.text}`);
      }
      return new Nginx(child, log.ended, dir, port);
    } catch (error) {
      await dir[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Puts a file where it is served. */
  write(name: string, content: Uint8Array): void {
    Deno.writeFileSync(this.#dir.file(`www/${name}`), content);
  }

  /** Puts a file of so many zeros where it is served; it takes no room on the disk. */
  writeZeros(name: string, bytes: number): void {
    using file = Deno.createSync(this.#dir.file(`www/${name}`));
    file.truncateSync(bytes);
  }

  /** Changes the time at which a file was last modified. */
  touch(name: string, modified: Date): void {
    Deno.utimeSync(this.#dir.file(`www/${name}`), modified, modified);
  }

  url(path: string, host = "127.0.0.1"): string {
    return `http://${host}:${this.#port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await Promise.all([this.#child.status, this.#log]);
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** What it says on the standard error, as it comes. */
class Log {
  text = "";
  readonly ended: Promise<void>;
  readonly #stream: ReadableStream<string>;
  readonly #seen = Promise.withResolvers<boolean>();
  #wanted = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#stream = stream.pipeThrough(new TextDecoderStream());
    this.ended = this.#read();
  }

  /** Waits for `text`; false if it ends before. */
  saw(text: string): Promise<boolean> {
    this.#wanted = text;
    if (this.text.includes(text)) this.#seen.resolve(true);
    return this.#seen.promise;
  }

  async #read(): Promise<void> {
    for await (const chunk of this.#stream) {
      this.text += chunk;
      if (this.#wanted !== "" && this.text.includes(this.#wanted)) this.#seen.resolve(true);
    }
    this.#seen.resolve(false);
  }
}

function spawn(args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command("nginx", { args, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("nginx is not installed; on Debian: apt-get install nginx-light");
  }
}

/** Nobody holds the port when this returns, but the system gives it to nobody else so soon. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function configOf(dir: TempDir, port: number, options: NginxOptions): string {
  const { server = "", everywhere = false } = options;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
    ${Deno.uid() === 0 ? "user root;" : ""}
    daemon off;
    error_log stderr notice;
    pid ${dir.file("pid")};
    worker_rlimit_nofile 8192;
    events { worker_connections 4096; }
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      keepalive_requests 1000000;
      types {}
      default_type application/octet-stream;
      ${temporary.map((what) => `${what}_temp_path ${dir.file(what)};`).join(" ")}
      server {
        listen ${everywhere ? port : `127.0.0.1:${port}`};
        root ${dir.file("www")};
        location = /forbidden { return 403; }
        location = /withdrawn { return 410; }
        ${server}
      }
    }`;
}
