/** A file that the demo serves. */
interface DemoFile {
  readonly name: string;
  readonly bytes: number;
  /** How fast it comes. */
  readonly bytesPerSecond: number;
  /** The first request gets an error. */
  readonly failsFirst?: boolean;
}

const FILES: readonly DemoFile[] = [
  { name: "readme.txt", bytes: 4_200, bytesPerSecond: 1e6 },
  { name: "logo.svg", bytes: 31_000, bytesPerSecond: 1e6 },
  { name: "handbook.pdf", bytes: 2_100_000, bytesPerSecond: 1.5e6 },
  { name: "photos.zip", bytes: 8_500_000, bytesPerSecond: 3e6 },
  { name: "sources.tar.gz", bytes: 3_300_000, bytesPerSecond: 1.2e6 },
  { name: "weather-2026.csv", bytes: 900_000, bytesPerSecond: 4e5, failsFirst: true },
  { name: "talk.mp4", bytes: 12_100_000, bytesPerSecond: 4e6 },
  { name: "empty.log", bytes: 0, bytesPerSecond: 1e6 },
  { name: "backup.sql", bytes: 5_000_000, bytesPerSecond: 2e6 },
  { name: "größe-測定.dat", bytes: 650_000, bytesPerSecond: 5e5 },
  { name: "model.bin", bytes: 6_400_000, bytesPerSecond: 8e6 },
  { name: "index.json", bytes: 120_000, bytesPerSecond: 1e6 },
];

/** How often the server sends a piece of a file. */
const PIECE_MS = 50;

/** A server on this machine with a dozen files of different sizes and speeds, one failing at first. */
export class DemoServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #failed = new Set<string>();

  /** Listens on a free port of the loopback interface. */
  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#serve(new URL(request.url)),
    );
  }

  /** Where the files are. */
  get urls(): string[] {
    const { port } = this.#server.addr;
    return FILES.map(({ name }) => `http://127.0.0.1:${port}/${encodeURIComponent(name)}`);
  }

  /** Throws unless every file in `dir` is what the server has sent. */
  async check(dir: string): Promise<void> {
    for (const { name, bytes } of FILES) {
      const got = await Deno.readFile(`${dir}/${name}`);
      if (got.length === bytes && got.every((byte, index) => byte === byteAt(index))) continue;
      throw new Error(`${name} is not what the server has sent`);
    }
  }

  /** Stops serving. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #serve({ pathname }: URL): Response {
    const name = decodeURIComponent(pathname.slice(1));
    const file = FILES.find((file) => file.name === name);
    if (!file) return new Response(null, { status: 404 });
    if (file.failsFirst && !this.#failed.has(name)) {
      this.#failed.add(name);
      return new Response(null, { status: 503 });
    }
    return new Response(body(file), { headers: { "content-length": `${file.bytes}` } });
  }
}

/** Sends the file piece by piece, at its speed. */
function body({ bytes, bytesPerSecond }: DemoFile): ReadableStream<Uint8Array> {
  const piece = Math.ceil(bytesPerSecond * PIECE_MS / 1000);
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent >= bytes) return controller.close();
      const size = Math.min(piece, bytes - sent);
      controller.enqueue(Uint8Array.from({ length: size }, (_, index) => byteAt(sent + index)));
      sent += size;
      await new Promise((resolve) => setTimeout(resolve, PIECE_MS));
    },
  });
}

/** Any position tells its own byte, so that a piece in the wrong place shows. */
function byteAt(index: number): number {
  return (index * 31 + (index >> 8) * 7) & 0xff;
}
