import { fileError } from "./errors.ts";
import { removeIfThere } from "./part_file.ts";
import { type Range, RangeSet } from "./_ranges.ts";
import { isStrong, type Representation } from "./_representation.ts";

/** What follows a file's name for its journal. */
const JOURNAL_SUFFIX = ".part.json";

/** A journal is written under this name first, so that it is never half there. */
const FRESH_SUFFIX = `${JOURNAL_SUFFIX}~`;

/** The names under which a journal may be found. */
export const JOURNAL_SUFFIXES: readonly string[] = [JOURNAL_SUFFIX, FRESH_SUFFIX];

/** How a download stood when it was last written down. */
export interface JournalEntry {
  /** Where it comes from, without credentials. */
  readonly url: string;
  /** What the server said of the file. */
  readonly representation: Representation;
  /** The bytes that are safely in the part file. */
  readonly done: RangeSet;
}

/** A journal that was written by a later version is not understood, so its part is not used. */
const VERSION = 1;

/**
 * The journal of `target`'s part file; `undefined` if there is none, or none that can be trusted.
 * A journal that is damaged costs the bytes that came so far, never their correctness.
 */
export function readJournal(target: string): JournalEntry | undefined {
  try {
    const path = target + JOURNAL_SUFFIX;
    if (!Deno.lstatSync(path).isFile) return undefined;
    return parse(JSON.parse(Deno.readTextFileSync(path)));
  } catch {
    return undefined;
  }
}

/** Writes the journal in one step: whoever reads it sees the old one or the new one. */
export function writeJournal(target: string, entry: JournalEntry): void {
  const fresh = target + FRESH_SUFFIX;
  const text = JSON.stringify({
    version: VERSION,
    url: entry.url,
    ...entry.representation,
    done: [...entry.done].map(({ start, end }) => [start, end]),
  });
  try {
    removeIfThere(fresh); // never written through a link that somebody has put there
    Deno.writeTextFileSync(fresh, text, { createNew: true });
    Deno.renameSync(fresh, target + JOURNAL_SUFFIX);
  } catch (error) {
    throw fileError(error, target + JOURNAL_SUFFIX);
  }
}

/** Removes the journal, and what an interrupted write of it has left. */
export function removeJournal(target: string): void {
  removeIfThere(target + JOURNAL_SUFFIX);
  removeIfThere(target + FRESH_SUFFIX);
}

function parse(value: unknown): JournalEntry | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { version, url, etag, lastModified, length, disposition, done } = value as Record<
    string,
    unknown
  >;
  if (version !== VERSION || typeof url !== "string" || !Array.isArray(done)) return undefined;
  const runs: Range[] = [];
  for (const run of done) {
    if (!Array.isArray(run) || run.length !== 2) return undefined;
    const [start, end] = run;
    if (!isSize(start) || !isSize(end) || start >= end) return undefined;
    if (isSize(length) && end > length) return undefined;
    runs.push({ start, end });
  }
  if (runs.length > 1 && !isSize(length)) return undefined;
  return {
    url,
    representation: {
      ...(typeof etag === "string" && isStrong(etag) ? { etag } : {}),
      ...(typeof lastModified === "string" ? { lastModified } : {}),
      ...(isSize(length) ? { length } : {}),
      ...(typeof disposition === "string" ? { disposition } : {}),
    },
    done: new RangeSet(runs),
  };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
