import type { Folders } from "./_folders.ts";
import { HashSet } from "./_hash_set.ts";
import { Mirrors } from "./_mirrors.ts";
import { Names } from "./_names.ts";
import { NotNeeded } from "./_not_needed.ts";
import type { Task } from "./_task.ts";
import type { Checksum } from "./checksum.ts";
import type { FileRef, SkippedEvent } from "./events.ts";
import { CREATE, type IfExists, type Plan, planFor } from "./if_exists.ts";
import { folderOf, joinPath, nameFromUrl } from "./naming.ts";
import { lookAt } from "./part_file.ts";
import { type DownloadRequest, redactUrl } from "./request.ts";

/**
 * The validate stage: gives every request its number and its own path, and sorts out what need not
 * be fetched. It works in the order of the list, so the same list gives the same paths.
 */
export class Validator {
  readonly #dir: string;
  readonly #ifExists: IfExists;
  readonly #folders: Folders;
  readonly #checksums: ReadonlyMap<string, Checksum> | undefined;
  readonly #urls = new HashSet();
  readonly #names = new Names();
  #number = 0;

  /** For files below `dir`, with the checksums that are known by name. */
  constructor(
    dir: string,
    ifExists: IfExists,
    folders: Folders,
    checksums: ReadonlyMap<string, Checksum> | undefined,
  ) {
    this.#dir = dir;
    this.#ifExists = ifExists;
    this.#folders = folders;
    this.#checksums = checksums;
  }

  /** Names the file, without looking at what stands there. */
  refer(request: DownloadRequest): { ref: FileRef; duplicate: boolean } {
    const [url] = request.urls;
    const dir = request.dir ?? this.#dir;
    const wanted = request.name ?? nameFromUrl(url);
    const id = ++this.#number;
    const shown = redactUrl(url);
    // The same URL under another name or in another folder is another file.
    if (!this.#urls.add(url.href, dir, wanted)) {
      return {
        ref: { id, url: shown, name: wanted, path: joinPath(dir, wanted) },
        duplicate: true,
      };
    }
    const name = this.#claim(dir, wanted);
    return { ref: { id, url: shown, name, path: joinPath(dir, name) }, duplicate: false };
  }

  /**
   * Decides what is to be done for a file.
   *
   * @throws {DownloadError} `exists` or `file` if nothing can be put at its path.
   */
  plan(request: DownloadRequest, ref: FileRef): Task | SkippedEvent["reason"] {
    const expected = request.checksum ?? this.#checksums?.get(ref.name);
    const plan = this.#planFor(ref.path, request, expected);
    if (!plan) return "exists";
    return {
      ref,
      proposed: undefined,
      partOf: ref.path,
      request,
      expected,
      plan,
      mirrors: new Mirrors(request.urls),
      folder: folderOf(ref.path),
      priority: request.priority ?? 0,
      attempts: 0,
      undivided: false,
      mismatched: false,
      startedMs: 0,
    };
  }

  /**
   * Gives a file the name that its server proposes, if the request names none.
   *
   * @throws {NotNeeded} if a file of that name is there and stays, as far as its checksum, if that
   * is known, allows it.
   * @throws {DownloadError} `exists` or `file` if nothing can be put there.
   */
  rename(task: Task, name: string): void {
    const { request, ref } = task;
    if (request.name !== undefined || name === ref.name || name === task.proposed) return;
    task.proposed = name;
    const dir = request.dir ?? this.#dir;
    const free = this.#claim(dir, name);
    const path = joinPath(dir, free);
    task.expected ??= this.#checksums?.get(free);
    const plan = this.#planFor(path, request, task.expected);
    task.ref = { ...ref, name: free, path };
    if (plan) task.plan = plan;
    if (!plan || plan.check) throw new NotNeeded("exists");
  }

  #planFor(
    path: string,
    { size }: DownloadRequest,
    expected: Checksum | undefined,
  ): Plan | undefined {
    if (!this.#folders.mayHave(path)) return CREATE;
    return planFor(path, this.#ifExists, expected !== undefined, size);
  }

  #claim(dir: string, name: string): string {
    return this.#names.claim(
      dir,
      name,
      this.#ifExists !== "rename" ? undefined : (name) => lookAt(joinPath(dir, name)) === undefined,
    );
  }
}
