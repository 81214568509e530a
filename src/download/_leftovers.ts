import { JOURNAL_SUFFIX } from "./_journal.ts";
import { fileError } from "./errors.ts";
import { folderOf, nameKey, nameOf } from "./naming.ts";
import { PART_SUFFIX } from "./part_file.ts";

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
        for (const suffix of [PART_SUFFIX, JOURNAL_SUFFIX]) {
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
}
