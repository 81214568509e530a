import { DownloadError, fileError } from "./errors.ts";

/** What follows a file's name while it is incomplete. */
export const PART_SUFFIX = ".part";

/**
 * A file that is not complete yet: `NAME.part` beside the place where it will stand.
 *
 * While it is open it is locked, so that a second process leaves it alone. Only
 * {@linkcode PartFile.publish} gives it its final name, in one step; so whatever stands under a final
 * name is whole.
 */
export class PartFile implements Disposable {
  /** The path that it was opened for. */
  readonly target: string;
  /** The path of the part file. */
  readonly path: string;
  /** Whether there was none before. */
  readonly isNew: boolean;
  readonly #file: Deno.FsFile;
  readonly #openedMs = performance.now();
  #open = true;

  private constructor(target: string, path: string, { file, isNew }: Opened) {
    this.target = target;
    this.path = path;
    this.isNew = isNew;
    this.#file = file;
  }

  /**
   * Opens the part file of `target`, new or as an earlier run left it, and locks it.
   *
   * A symbolic link in its place is never followed: it is looked at without following before, and
   * what was opened must be the same file. A hard link is replaced: the other name is that of a
   * finished file, if a run was killed in the middle of publishing it, or somebody else's.
   *
   * @throws {DownloadError} `exists` if it is a link or no regular file, or if another process
   * holds it; `disk-full` or `file` if it can't be opened.
   */
  static open(target: string): PartFile {
    const path = target + PART_SUFFIX;
    try {
      return new PartFile(target, path, openLocked(path));
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** The handle, positioned where it was left; for the transfer to write through. */
  get file(): Deno.FsFile {
    return this.#file;
  }

  /**
   * A further handle that writes from `offset` on. Writers that shared one would move each other's
   * position.
   */
  writerAt(offset: number): Deno.FsFile {
    try {
      const writer = Deno.openSync(this.path, { write: true });
      const [mine, opened] = [this.#file.statSync(), writer.statSync()];
      if (mine.ino === opened.ino && mine.dev === opened.dev) {
        writer.seekSync(offset, Deno.SeekMode.Start);
        return writer;
      }
      writer.close();
    } catch (error) {
      throw fileError(error, this.path);
    }
    throw new DownloadError("file", `${this.path} was replaced while it was being written`);
  }

  /** The bytes in the file. */
  get size(): number {
    return this.#file.statSync().size;
  }

  /** Cuts the file at `size` bytes and goes on writing there. */
  cut(size: number): void {
    try {
      this.#file.truncateSync(size);
      this.#file.seekSync(size, Deno.SeekMode.Start);
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  /**
   * Gives the file its final name, `path`, if need be after its bytes are on the disk; the promise
   * is for that case only.
   *
   * @throws {DownloadError} `exists` if the name is taken, `file` if the part file is not as it was
   * written. It stays open.
   */
  publish(
    path: string,
    { replace, size, modifiedMs, fsync }: PublishOptions,
  ): Promise<void> | undefined {
    const place = () => {
      if (replace) Deno.renameSync(this.path, path);
      else publishNew(this.path, path);
    };
    try {
      this.#check(size);
      if (modifiedMs !== undefined) this.#file.utimeSync(Date.now() / 1000, modifiedMs / 1000);
      const synced = fsync ? sync(this.#file, size) : undefined;
      if (synced) {
        return synced.then(place).catch((error) => {
          throw fileError(error, path);
        });
      }
      return void place();
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /**
   * The file must be as long as it was made, and still stand under its name. In the short life of a
   * small file nobody changes that, so nobody looks; what an earlier run has left may be longer.
   */
  #check(size: number): void {
    if (this.isNew && performance.now() - this.#openedMs < TRUSTED_MS) return;
    const mine = this.#file.statSync();
    const there = lookAt(this.path);
    if (mine.size === size && mine.ino === there?.ino && mine.dev === there.dev) return;
    throw new DownloadError("file", `${this.path} was changed while it was being written`, {
      retryable: true,
    });
  }

  /** Closes the file and leaves it for a later run. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.close();
  }

  /** Closes and removes the file. */
  discard(): void {
    if (!this.#open) return;
    removeIfThere(this.path);
    this.close();
  }

  /** As {@linkcode PartFile.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** After so long a part file is looked at once more before it gets its name. */
const TRUSTED_MS = 1_000;

/** How a complete file gets its name. */
export interface PublishOptions {
  /**
   * Whether something that stands there may be replaced; without it the name is taken only if it is
   * free, in one step.
   */
  readonly replace: boolean;
  /** The bytes that have been written. */
  readonly size: number;
  /** When it was last modified, in milliseconds since 1970, if that is known. */
  readonly modifiedMs: number | undefined;
  /** Whether to wait until its bytes are on the disk. */
  readonly fsync: boolean;
}

/** Makes sure that names which were given are still given after a power cut. */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // folders have no handle there; NTFS logs its names
  try {
    using folder = await Deno.open(path);
    await folder.sync();
  } catch {
    // Some file systems refuse to sync a folder. The files themselves are on the disk.
  }
}

/** Whatever stands at `path`, a dangling link included. */
export function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, path);
  }
}

/** Removes a file; none there is as good. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, path);
  }
}

/** An open file, and whether it was made. */
interface Opened {
  readonly file: Deno.FsFile;
  readonly isNew: boolean;
  readonly atMs: number;
}

function openLocked(path: string): Opened {
  for (;;) {
    const opened = open(path);
    if (!opened) continue;
    try {
      lock(opened.file, path);
      if (wasLockedAtOnce(opened) || isOwn(opened.file, path)) return opened;
      Deno.removeSync(path);
    } catch (error) {
      opened.file.close();
      throw error;
    }
    opened.file.close();
  }
}

function lock(file: Deno.FsFile, path: string): void {
  if (file.tryLockSync(true)) return;
  throw new DownloadError("exists", `another process is writing ${path}`, {
    advice: "wait until it has finished",
  });
}

/**
 * Whether a file that was just made was locked so soon after it that no other process can have
 * opened it, brought all of its bytes, published it and let it go in between.
 */
function wasLockedAtOnce({ isNew, atMs }: Opened): boolean {
  return isNew && performance.now() - atMs < AT_ONCE_MS;
}

/** One request to a server on the same machine takes longer. */
const AT_ONCE_MS = 0.05;

/** Whether the file that is locked stands at `path`, and has no other name. */
function isOwn(file: Deno.FsFile, path: string): boolean {
  // What was opened must be what stands there: no link that was followed, and no file that its
  // last owner has published or removed before this lock was taken.
  const there = lookAt(path);
  if (there && !there.isFile) throw notRegular(path, there.isSymlink);
  const opened = file.statSync();
  if (opened.ino !== there?.ino || opened.dev !== there.dev) {
    throw new DownloadError("exists", `another process has just finished ${path}`, {
      retryable: true,
    });
  }
  return (there.nlink ?? 1) === 1;
}

/**
 * Creates the file, which follows no link, or else opens what is there if it is a plain file;
 * `undefined` if that has vanished in between.
 */
function open(path: string): Opened | undefined {
  const access = { read: true, write: true };
  try {
    const file = Deno.openSync(path, { ...access, createNew: true });
    return { file, isNew: true, atMs: performance.now() };
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const there = lookAt(path);
  if (there && !there.isFile) throw notRegular(path, there.isSymlink);
  try {
    return { file: Deno.openSync(path, access), isNew: false, atMs: performance.now() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function notRegular(path: string, link: boolean): DownloadError {
  const what = link ? "a symbolic link" : "not a regular file";
  return new DownloadError("exists", `${path} is ${what}`, { advice: "remove it and run again" });
}

/** A hard link fails where the name is taken, which a rename does not. */
function publishNew(path: string, target: string): void {
  try {
    Deno.linkSync(path, target);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new DownloadError("exists", `${target} appeared while it was being downloaded`, {
        advice: "move it away or choose --if-exists rename",
      });
    }
    // A file system without hard links: look, then rename.
    if (lookAt(target)) throw error;
    Deno.renameSync(path, target);
    return;
  }
  Deno.removeSync(path);
}

/** A sync that takes longer than this is worth another thread. */
const QUICK_SYNC_MS = 0.2;

/** No sync of a file larger than this is quick. */
const QUICK_SYNC_BYTES = 1024 * 1024;

/** After a slow sync, so many files go to another thread before it is tried here again. */
const RETRY_SYNC_AFTER = 64;

let slowSyncs = 0;

/** Whether a file of this size is on the disk as soon as it is asked for. */
export function syncIsQuick(size: number): boolean {
  return size <= QUICK_SYNC_BYTES && slowSyncs === 0;
}

/**
 * Puts the file's bytes on the disk. In memory that takes less than to ask another thread for it,
 * on a disk it would hold up everything else; which of them it is, it finds out.
 */
function sync(file: Deno.FsFile, size: number): Promise<void> | undefined {
  if (!syncIsQuick(size)) {
    if (slowSyncs > 0) slowSyncs--;
    return file.syncData();
  }
  const started = performance.now();
  file.syncDataSync();
  if (performance.now() - started > QUICK_SYNC_MS) slowSyncs = RETRY_SYNC_AFTER;
  return undefined;
}
