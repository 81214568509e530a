import { type JournalEntry, readJournal, removeJournal, writeJournal } from "./_journal.ts";
import { RangeSet } from "./_ranges.ts";
import {
  type Representation,
  sameRepresentation,
  sharesValidator,
  validatorOf,
} from "./_representation.ts";
import { DownloadError, fileError } from "./errors.ts";
import { PartFile } from "./part_file.ts";

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
  /** What mirrors other than the one it began with say of it. */
  #elsewhere: Map<string, Representation> | undefined;
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
   * The part file of `target`, with what can be continued from one of `urls` of whatever an earlier
   * attempt or run has left there.
   *
   * @throws {DownloadError} as {@linkcode PartFile.open}.
   */
  static find(target: string, urls: readonly string[]): Partial {
    const part = PartFile.open(target);
    try {
      const entry = part.isNew ? undefined : readJournal(target);
      if (entry && urls.includes(entry.url) && fits(entry, part)) return new Partial(part, entry);
      const fresh = new Partial(part, undefined);
      fresh.restart();
      return fresh;
    } catch (error) {
      part.close();
      throw error;
    }
  }

  /**
   * The part file of `target`, where nothing was left by the time this run began.
   *
   * @throws {DownloadError} as {@linkcode PartFile.open}.
   */
  static create(target: string): Partial {
    const part = PartFile.open(target);
    if (part.isNew) return new Partial(part, undefined);
    part.close(); // another process has come and gone meanwhile
    return Partial.find(target, []);
  }

  /** Whether all of it is in place. */
  get isComplete(): boolean {
    const { length } = this.representation;
    return length !== undefined && this.done.size === length;
  }

  /** Whether what is in place can be continued another time. */
  get isResumable(): boolean {
    return this.done.size > 0 && validatorOf(this.representation) !== undefined;
  }

  /** Forgets what is in place. */
  restart(): void {
    this.done = new RangeSet();
    this.representation = {};
    this.#elsewhere = undefined;
    this.#url = "";
    removeJournal(this.part.target);
    this.#journal = false;
    this.part.cut(0);
  }

  /**
   * Whether an answer from `url` can be about the same bytes. Another mirror than the one that it
   * began with must name the same length, and the same state unless a checksum will tell a mixture.
   */
  accepts(url: string, representation: Representation, hasChecksum: boolean): boolean {
    if (this.#url === "") return true;
    const known = this.#representationAt(url);
    if (known) return sameRepresentation(known, representation);
    if (representation.length !== this.representation.length) return false;
    return hasChecksum || sharesValidator(this.representation, representation);
  }

  /** Takes what an accepted answer says of the file. */
  adopt(url: string, representation: Representation): void {
    const all = { ...this.#representationAt(url), ...representation };
    if (this.#url !== "" && url !== this.#url) {
      return void (this.#elsewhere ??= new Map()).set(url, all);
    }
    this.#url = url;
    this.representation = all;
  }

  /** Whether it began with an answer from `url`. */
  isFrom(url: string): boolean {
    return url === this.#url;
  }

  /** The file has ended at `length`, which nobody had said before. */
  endAt(length: number): void {
    this.representation = { ...this.representation, length };
  }

  /** What tells `url` to send the whole file if it is not what it was. */
  validatorFor(url: string): string | undefined {
    return validatorOf(this.#representationAt(url) ?? {});
  }

  #representationAt(url: string): Representation | undefined {
    return url === this.#url ? this.representation : this.#elsewhere?.get(url);
  }

  /** Writes down what is in place, once it is on the disk. Without a validator that is no use. */
  async save(done: RangeSet = this.done): Promise<void> {
    if (done.size === 0 || validatorOf(this.representation) === undefined) return;
    await this.#sync();
    this.#write(done);
  }

  /**
   * Gives the complete file its name, `path`; the promise is for a disk that takes its time.
   *
   * @throws {DownloadError} as {@linkcode PartFile.publish}, or `file` if the part file is not as
   * it was written.
   */
  publish(path: string, replace: boolean, fsync = true): Promise<void> | undefined {
    const { lastModified = "" } = this.representation;
    const parsedMs = Date.parse(lastModified);
    const modifiedMs = Number.isNaN(parsedMs) ? undefined : parsedMs;
    const published = this.part.publish(path, { replace, size: this.done.size, modifiedMs, fsync });
    if (published) return published.then(() => this.#letGo());
    return void this.#letGo();
  }

  /** Lets go of what has got its name. */
  #letGo(): void {
    if (this.#journal) removeJournal(this.part.target);
    this.part.close();
  }

  /**
   * Leaves it for a later attempt if that can use it, else removes it. It never throws: whatever
   * led here is what is to be told, and the journal that was last written is still true.
   */
  async leave(): Promise<void> {
    if (!this.isResumable) return this.discard();
    try {
      await this.#sync();
      this.#writeInAnyRoom();
    } catch {
      // The next attempt or run has less to go on, or nothing.
    } finally {
      this.part.close();
    }
  }

  /** Removes it, if that is possible. It never throws. */
  discard(): void {
    try {
      if (this.#journal) removeJournal(this.part.target);
      this.part.discard();
    } catch {
      this.part.close();
    }
  }

  /** Closes the part file. */
  [Symbol.dispose](): void {
    this.part.close();
  }

  async #sync(): Promise<void> {
    try {
      // A handle of its own, since the transfer's is busy.
      using file = Deno.openSync(this.part.path, { read: true, write: true });
      await file.syncData();
    } catch (error) {
      throw fileError(error, this.part.path);
    }
  }

  #write(done: RangeSet): void {
    const { representation } = this;
    writeJournal(this.part.target, { url: this.#url, representation, done });
    this.#journal = true;
  }

  /** A full disk has no room for the journal either, without which all the bytes are of no use. */
  #writeInAnyRoom(): void {
    try {
      this.#write(this.done);
    } catch (error) {
      if (!(error instanceof DownloadError) || error.kind !== "disk-full") throw error;
      const end = Math.max(0, this.done.end - JOURNAL_ROOM);
      this.part.cut(end);
      this.done = this.done.below(end);
      this.#write(this.done);
    }
  }
}

/** What a part file gives up so that its journal finds room. */
const JOURNAL_ROOM = 64 * 1024;

/** Whether the part file can hold what the journal says. */
function fits({ representation, done }: JournalEntry, part: PartFile): boolean {
  const { length } = representation;
  return validatorOf(representation) !== undefined && done.end <= part.size &&
    (length === undefined || part.size <= length);
}
