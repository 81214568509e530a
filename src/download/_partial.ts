import { type JournalEntry, readJournal, removeJournal, writeJournal } from "./_journal.ts";
import { RangeSet } from "./_ranges.ts";
import { type Representation, sameRepresentation, validatorOf } from "./_representation.ts";
import { fileError } from "./errors.ts";
import { lookAt, PART_SUFFIX, PartFile } from "./part_file.ts";

/**
 * A file as far as it has come: its part file, what is in it, and what the server said of it.
 *
 * The journal says only what is on the disk: it is written after the bytes. So a power cut costs
 * what came since the last {@linkcode Partial.save}, and neither it nor SIGKILL costs correctness.
 */
export class Partial implements Disposable {
  /** The part file, open and locked. */
  readonly part: PartFile;
  /** The bytes in it; those of a transfer that goes on are added when they are noted. */
  done: RangeSet;
  /** What the server has said. */
  representation: Representation;
  #url: string;
  #journal: boolean;

  private constructor(part: PartFile, entry: JournalEntry | undefined) {
    this.part = part;
    this.done = entry?.done ?? new RangeSet();
    this.representation = entry?.representation ?? {};
    this.#url = entry?.url ?? "";
    this.#journal = entry !== undefined;
  }

  /**
   * What an earlier attempt or run has left of `target` that can be continued from one of `urls`;
   * `undefined` if there is nothing.
   *
   * @throws {DownloadError} as {@linkcode PartFile.open}.
   */
  static find(target: string, urls: readonly string[]): Partial | undefined {
    if (!lookAt(target + PART_SUFFIX)) {
      removeJournal(target); // of no use, and dangerous beside another part file
      return undefined;
    }
    const part = PartFile.open(target);
    try {
      const entry = readJournal(target);
      if (entry && urls.includes(entry.url) && validatorOf(entry.representation) !== undefined) {
        const size = part.size;
        if ([...entry.done].every(({ end }) => end <= size)) return new Partial(part, entry);
      }
      const fresh = new Partial(part, undefined);
      fresh.restart();
      return fresh;
    } catch (error) {
      part.close();
      throw error;
    }
  }

  /** A new part file of `target`. */
  static create(target: string): Partial {
    return new Partial(PartFile.open(target), undefined);
  }

  /** Whether all of it is in place. */
  get isComplete(): boolean {
    const { length } = this.representation;
    return length !== undefined && this.done.size === length && this.part.size >= length;
  }

  /** Whether what is in place can be continued another time. */
  get isResumable(): boolean {
    return this.done.size > 0 && validatorOf(this.representation) !== undefined;
  }

  /** Forgets what is in place. */
  restart(): void {
    this.done = new RangeSet();
    this.representation = {};
    this.#url = "";
    removeJournal(this.part.target);
    this.#journal = false;
    this.part.cut(0);
  }

  /**
   * Whether an answer from `url` can be about the same bytes. Mirrors have validators of their own,
   * so only the length can be compared between them.
   */
  accepts(url: string, representation: Representation): boolean {
    if (this.#url === "") return true;
    if (url === this.#url) return sameRepresentation(this.representation, representation);
    return this.representation.length === representation.length;
  }

  /** Takes what an accepted answer says of the file. */
  adopt(url: string, representation: Representation): void {
    if (this.#url !== "" && url !== this.#url) return;
    this.#url = url;
    this.representation = { ...this.representation, ...representation };
  }

  /** The file has ended at `length`, which nobody had said before. */
  endAt(length: number): void {
    this.representation = { ...this.representation, length };
  }

  /** What tells `url` to send the whole file if it is not what it was. */
  validatorFor(url: string): string | undefined {
    return url === this.#url ? validatorOf(this.representation) : undefined;
  }

  /** Writes down what is in place, once it is on the disk. Without a validator that is no use. */
  async save(done: RangeSet = this.done): Promise<void> {
    if (done.size === 0 || validatorOf(this.representation) === undefined) return;
    try {
      // A handle of its own, since the transfer's is busy.
      using file = Deno.openSync(this.part.path, { read: true, write: true });
      await file.syncData();
    } catch (error) {
      throw fileError(error, this.part.path);
    }
    writeJournal(this.part.target, {
      url: this.#url,
      representation: this.representation,
      done,
    });
    this.#journal = true;
  }

  /** Gives the complete file its name, `path`. */
  async publish(path: string, replace: boolean): Promise<void> {
    const modified = Date.parse(this.representation.lastModified ?? "");
    await this.part.publish(path, replace, Number.isNaN(modified) ? undefined : new Date(modified));
    if (this.#journal) removeJournal(this.part.target);
  }

  /** Leaves it for a later attempt if that can use it, else removes it. */
  async leave(): Promise<void> {
    if (this.isResumable) {
      await this.save();
      this.part.close();
    } else {
      this.discard();
    }
  }

  /** Removes it. */
  discard(): void {
    if (this.#journal) removeJournal(this.part.target);
    this.part.discard();
  }

  /** Closes the part file. */
  [Symbol.dispose](): void {
    this.part.close();
  }
}
