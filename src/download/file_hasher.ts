import { Chan } from "../chan/mod.ts";
import { type HashOrder, HashThread, ThreadError } from "./_hash_thread.ts";
import { type HashAlgorithm, hashFile, nativeName } from "./checksum.ts";

/** Options of {@linkcode FileHasher.hash}. */
export interface HashFileOptions {
  /** Ends the work when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Is told now and then how many more bytes have been read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Hashes files on threads of its own, so that several processors take part and the main thread is
 * free. Threads are made when they are needed and end with {@linkcode FileHasher[Symbol.dispose]};
 * one takes about 60 ms to begin and 10 MB of memory, whatever the size of the files.
 *
 * ```ts
 * import { FileHasher } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "hello");
 * using hasher = new FileHasher(2);
 * assertEquals(await hasher.hash(path, "md5"), "5d41402abc4b2a76b9719d911017c592");
 * await Deno.remove(path);
 * ```
 */
export class FileHasher implements Disposable {
  readonly #threads: number;
  readonly #idle: HashThread[] = [];
  readonly #busy = new Set<HashThread>();
  /** Holds one value for each file that has a thread. */
  readonly #slots: Chan<void>;

  /**
   * Uses at most so many threads; with 0 everything is done on the main one.
   *
   * @throws {RangeError} if that is not a whole number from 0.
   */
  constructor(threads: number) {
    if (!Number.isInteger(threads) || threads < 0) {
      throw new RangeError(
        `Cannot make a FileHasher: threads must be a whole number from 0, got ${threads}`,
      );
    }
    this.#threads = threads;
    this.#slots = new Chan(threads);
  }

  /**
   * The digest of the file at `path` in lower-case hexadecimal, as {@linkcode hashFile} has it.
   * Waits while all threads are busy.
   *
   * @throws what opening or reading the file throws.
   * @throws the signal's reason when it aborts.
   */
  async hash(
    path: string,
    algorithm: HashAlgorithm,
    { signal, onBytes = () => {} }: HashFileOptions = {},
  ): Promise<string> {
    const native = nativeName(algorithm);
    if (this.#threads === 0 || native === undefined) {
      return await hashFile(path, algorithm, signal, onBytes);
    }
    await this.#slots.send(undefined, { signal });
    try {
      return await this.#hashOnThread({ path, algorithm: native }, onBytes, signal);
    } catch (error) {
      if (!(error instanceof ThreadError)) throw error;
      return await hashFile(path, algorithm, signal, onBytes);
    } finally {
      this.#slots.tryReceive();
    }
  }

  /** Ends all threads; what they were hashing comes to nothing. */
  [Symbol.dispose](): void {
    for (const thread of [...this.#idle.splice(0), ...this.#busy]) thread[Symbol.dispose]();
  }

  async #hashOnThread(
    order: HashOrder,
    onBytes: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const thread = this.#idle.pop() ?? new HashThread();
    this.#busy.add(thread);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => {
      thread[Symbol.dispose](); // nothing else ends it in the middle of a file
      this.#busy.delete(thread);
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([thread.hash(order, onBytes), aborted]);
    } catch (error) {
      if (error instanceof ThreadError) this.#busy.delete(thread);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      if (this.#busy.delete(thread)) this.#idle.push(thread);
    }
  }
}
