import { JOURNAL_SUFFIXES, removeJournal } from "./_journal.ts";
import { fileError } from "./errors.ts";
import { folderOf, nameKey, nameOf } from "./naming.ts";
import { PART_SUFFIX, PartFile } from "./part_file.ts";

const SUFFIXES = [PART_SUFFIX, ...JOURNAL_SUFFIXES];

/** What stood in a folder when it was first looked at. */
interface Listing {
  /** Everything; `undefined` if that is too much to keep. */
  readonly names: ReadonlySet<string> | undefined;
  /** The files of which a part file or a journal is there. */
  readonly unfinished: ReadonlySet<string>;
}

/** Of a folder with more names than this, only the unfinished ones are kept. */
const MOST_NAMES = 100_000;

/**
 * What stood in the folders of a run when it began, each read once: to ask the file system about
 * every file that isn't there would cost more than the rest of its book-keeping.
 *
 * What came later is noticed where it matters: a part file is created and a file published only if
 * nothing is in the way.
 */
export class Folders {
  readonly #listings = new Map<string, Listing>();
  readonly #made = new Set<string>();

  /** The folders that files were put into. */
  get made(): Iterable<string> {
    return this.#made;
  }

  /**
   * Makes `folder` if need be.
   *
   * @throws {DownloadError} `file` if it can't be made.
   */
  make(folder: string): void {
    if (this.#made.has(folder)) return;
    try {
      Deno.mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw fileError(error, folder);
    }
    this.#made.add(folder);
  }

  /** Whether something may stand at `path`. */
  mayHave(path: string): boolean {
    const { names } = this.#list(folderOf(path));
    return names === undefined || (names.size > 0 && names.has(nameKey(nameOf(path))));
  }

  /** Whether an earlier run has left something of the file at `path`. */
  hasUnfinished(path: string): boolean {
    const { unfinished } = this.#list(folderOf(path));
    return unfinished.size > 0 && unfinished.has(nameKey(nameOf(path)));
  }

  /**
   * Removes what a run that was killed while it gave the file at `path` its name has left beside
   * it. What another process is working on stays, and so does the beginning of another version.
   */
  sweep(path: string): void {
    if (!this.hasUnfinished(path)) return;
    try {
      using part = PartFile.open(path);
      if (!part.isNew) return;
      removeJournal(path);
      part.discard();
    } catch {
      // Nothing that is left there keeps the file from being whole.
    }
  }

  #list(folder: string): Listing {
    let listing = this.#listings.get(folder);
    if (!listing) this.#listings.set(folder, listing = read(folder));
    return listing;
  }
}

function read(folder: string): Listing {
  const names = new Set<string>();
  const unfinished = new Set<string>();
  let count = 0;
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (++count <= MOST_NAMES) names.add(nameKey(name));
      for (const suffix of SUFFIXES) {
        if (name.endsWith(suffix)) unfinished.add(nameKey(name.slice(0, -suffix.length)));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return { names: undefined, unfinished };
  }
  return { names: count > MOST_NAMES ? undefined : names, unfinished };
}
