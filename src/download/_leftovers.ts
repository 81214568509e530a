import { JOURNAL_SUFFIXES, removeJournal } from "./_journal.ts";
import { fileError } from "./errors.ts";
import { folderOf, nameKey, nameOf } from "./naming.ts";
import { PART_SUFFIX, PartFile } from "./part_file.ts";

const SUFFIXES = [PART_SUFFIX, ...JOURNAL_SUFFIXES];

/**
 * The part files and journals that earlier runs have left in a folder, read once, so that a fresh
 * file costs no look at what isn't there.
 */
export class Leftovers {
  readonly #folders = new Map<string, ReadonlySet<string>>();

  /** The folders looked at so far. */
  get folders(): Iterable<string> {
    return this.#folders.keys();
  }

  /**
   * Makes `folder` if need be and looks at what is in it.
   *
   * @throws {DownloadError} `file` if it can't be made or read.
   */
  prepare(folder: string): void {
    if (this.#folders.has(folder)) return;
    const found = new Set<string>();
    try {
      Deno.mkdirSync(folder, { recursive: true });
      for (const { name } of Deno.readDirSync(folder)) {
        for (const suffix of SUFFIXES) {
          if (name.endsWith(suffix)) found.add(nameKey(name.slice(0, -suffix.length)));
        }
      }
    } catch (error) {
      throw fileError(error, folder);
    }
    this.#folders.set(folder, found);
  }

  /** Whether something was left of the file at `path`, in a folder that was prepared. */
  has(path: string): boolean {
    const found = this.#folders.get(folderOf(path));
    return found !== undefined && found.size > 0 && found.has(nameKey(nameOf(path)));
  }

  /**
   * Removes what a run that was killed while it gave the file at `path` its name has left beside
   * it. What another process is working on stays, and so does the beginning of another version.
   */
  sweep(path: string): void {
    try {
      this.prepare(folderOf(path));
      if (!this.has(path)) return;
      using part = PartFile.open(path);
      if (!part.isNew) return;
      removeJournal(path);
      part.discard();
    } catch {
      // Nothing that is left there keeps the file from being whole.
    }
  }
}
