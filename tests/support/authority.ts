import type { TempDir } from "./temp_dir.ts";

/** A certificate with its key: their texts, and the files that they are in. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of our own, that signs certificates for this machine's names. */
export class Authority {
  /** Its certificate, in PEM format. */
  readonly certFile: string;
  readonly #name: string;
  readonly #dir: TempDir;

  /**
   * Makes its certificate, in `dir`.
   *
   * @throws {Error} if openssl is missing or refuses.
   */
  constructor(dir: TempDir, name = "authority") {
    this.#dir = dir;
    this.#name = name;
    this.certFile = this.#make(name, ["basicConstraints=critical,CA:TRUE"]).certFile;
  }

  /** A certificate for these names, as openssl writes them: `DNS:host`, `IP:address`. */
  sign(name: string, ...names: string[]): Identity {
    const signer = ["-CA", this.certFile, "-CAkey", this.#dir.file(`${this.#name}.key`)];
    const extensions = ["basicConstraints=critical,CA:FALSE"];
    if (names.length > 0) extensions.push(`subjectAltName=${names.join(",")}`);
    return this.#make(name, extensions, signer);
  }

  #make(name: string, extensions: readonly string[], signer: readonly string[] = []): Identity {
    const [certFile, keyFile] = [this.#dir.file(`${name}.pem`), this.#dir.file(`${name}.key`)];
    openssl([
      ...["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-subj", `/CN=dlm test ${name}`, "-days", "2", "-keyout", keyFile, "-out", certFile],
      ...signer,
      ...extensions.flatMap((extension) => ["-addext", extension]),
    ]);
    const [cert, key] = [certFile, keyFile].map((path) => Deno.readTextFileSync(path));
    return { cert: cert!, key: key!, certFile, keyFile };
  }
}

const OPENSSL = "openssl";

/** Runs openssl to its end. */
function openssl(args: readonly string[]): void {
  try {
    const command = new Deno.Command(OPENSSL, { args: [...args], stdin: "null" });
    const { success, stderr } = command.outputSync();
    if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("This test needs openssl (apt-get install openssl)");
  }
}

/** A TLS server that lets in only who has a certificate of its authority, and serves a folder. */
export class ClientCertServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #drained: Promise<void>;
  readonly #port: string;

  private constructor(child: Deno.ChildProcess, drained: Promise<void>, port: string) {
    this.#child = child;
    this.#drained = drained;
    this.#port = port;
  }

  /** Starts it on a free port and waits until it listens. */
  static async start(
    folder: string,
    { certFile, keyFile }: Identity,
    authority: Authority,
  ): Promise<ClientCertServer> {
    const child = new Deno.Command(OPENSSL, {
      args: [
        ...["s_server", "-accept", "127.0.0.1:0", "-WWW", "-cert", certFile, "-key", keyFile],
        ...["-CAfile", authority.certFile, "-Verify", "1", "-verify_return_error"],
      ],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const port = Promise.withResolvers<string>();
    const drained = (async () => {
      let text = "";
      for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
        text += piece;
        const [, found] = /^ACCEPT .*:(\d+)$/m.exec(text) ?? [];
        if (found) port.resolve(found);
      }
      port.reject(new Error(`openssl s_server doesn't start: ${text}`));
    })();
    return new ClientCertServer(child, drained, await port.promise);
  }

  url(path: string): string {
    return `https://127.0.0.1:${this.#port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#child.status, this.#drained]);
  }
}
