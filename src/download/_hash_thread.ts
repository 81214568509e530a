import type { createHash } from "node:crypto";

/** A file that a thread is to hash. */
export interface HashOrder {
  readonly path: string;
  /** The platform's name of the algorithm. */
  readonly algorithm: string;
}

/** What a thread tells: bytes read since it last did, the digest, or why there is none. */
export type HashNews =
  | { readonly bytes: number }
  | { readonly hex: string }
  | { readonly error: string; readonly name: string };

/** The side of a worker that its own code sees. */
interface WorkerScope {
  onmessage: (event: { readonly data: HashOrder }) => void;
  postMessage(news: HashNews): void;
}

/**
 * What a thread runs. It is sent there as text, so that the executable and the one-file program
 * need no other file beside them: it may use nothing from outside itself.
 */
function work(newHash: typeof createHash): void {
  const scope = globalThis as unknown as WorkerScope;
  const buffer = new Uint8Array(256 * 1024);
  const tellAfter = 16 * 1024 * 1024;
  scope.onmessage = ({ data: { path, algorithm } }) => {
    try {
      using file = Deno.openSync(path);
      const hash = newHash(algorithm);
      let untold = 0;
      for (let size = file.readSync(buffer); size !== null; size = file.readSync(buffer)) {
        hash.update(buffer.subarray(0, size));
        untold += size;
        if (untold < tellAfter) continue;
        scope.postMessage({ bytes: untold });
        untold = 0;
      }
      scope.postMessage({ bytes: untold });
      scope.postMessage({ hex: hash.digest("hex") });
    } catch (error) {
      const { message, name } = error instanceof Error ? error : new Error(String(error));
      scope.postMessage({ error: message, name });
    }
  };
}

/** The address of what threads run. The executable knows no `blob:` addresses. */
function codeUrl(): string {
  const code = `import { createHash } from "node:crypto";\n(${work})(createHash);\n`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** A thread could not begin, or broke down: the file itself may be fine. */
export class ThreadError extends Error {
  override readonly name = "ThreadError";
}

/** A thread that hashes files one after the other. */
export class HashThread implements Disposable {
  readonly #worker: Worker;

  /** Begins a thread that runs the code at `url`; without one, what hashes files. */
  constructor(url: string = codeUrl()) {
    this.#worker = new Worker(url, { type: "module" });
  }

  /**
   * Hashes one file; resolves with the digest in hexadecimal. `onBytes` is told now and then how
   * many more bytes have been read.
   *
   * @throws what opening or reading the file throws, as far as its class is one of `Deno.errors`.
   * @throws {ThreadError} if the thread is of no use, now and later.
   */
  hash(order: HashOrder, onBytes: (bytes: number) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data: news }: MessageEvent<HashNews>) => {
        if ("bytes" in news) onBytes(news.bytes);
        else if ("hex" in news) resolve(news.hex);
        else reject(errorOf(news));
      };
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new ThreadError(event.message));
      };
      this.#worker.postMessage(order);
    });
  }

  /** Ends the thread, whatever it does. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** Classes of errors do not travel between threads, their names do. */
function errorOf({ error, name }: { readonly error: string; readonly name: string }): Error {
  const classes: Record<string, new (message: string) => Error> = { ...Deno.errors };
  const Class = Object.hasOwn(classes, name) ? classes[name]! : Error;
  return new Class(error);
}
