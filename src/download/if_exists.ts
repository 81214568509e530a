import { DownloadError } from "./errors.ts";
import { lookAt } from "./part_file.ts";

/**
 * What to do about a file that stands at a download's final name.
 *
 * - `skip`: leave it, whatever it is
 * - `resume`: leave it, since only whole files get their final name; where its checksum is known it
 *   is checked
 * - `rename`: leave it and take the next free numbered name
 * - `overwrite`: replace it when the new one is complete, unless it has the expected checksum
 */
export type IfExists = "skip" | "resume" | "rename" | "overwrite";

/** What is to be done at a path. */
export interface Plan {
  /** Whether a file that stands there may be replaced. */
  readonly replace: boolean;
  /** When the file that would be replaced was last modified on the server, if that can be told. */
  readonly lastModified?: string | undefined;
  /** A file stands there that is to be checked first: with the expected bytes it stays. */
  readonly check?: boolean | undefined;
}

/**
 * What the policy, other than `rename`, means for `path`; `undefined` if what is there stays. Of a
 * file whose checksum is known, its bytes decide, not its time.
 *
 * @throws {DownloadError} `exists` if a folder, or a link that might lead anywhere, is in the way, or
 * if what would stay is not of the expected `size`.
 */
export function planFor(
  path: string,
  policy: IfExists,
  hasChecksum: boolean,
  size?: number,
): Plan | undefined {
  const there = lookAt(path);
  if (!there) return CREATE;
  if (there.isDirectory) {
    throw new DownloadError("exists", `${path} is a folder`, {
      advice: "move it away or choose --if-exists rename",
    });
  }
  const check = hasChecksum && there.isFile;
  if (policy === "overwrite") {
    return check
      ? { replace: true, check }
      : { replace: true, lastModified: lastModifiedOf(there) };
  }
  if (policy === "resume" && there.isSymlink) {
    throw new DownloadError("exists", `${path} is a symbolic link, which is not followed`, {
      advice: "remove it or choose --if-exists overwrite",
    });
  }
  if (policy === "resume" && !check && there.isFile && there.size !== (size ?? there.size)) {
    throw new DownloadError("exists", `${path} has ${there.size} bytes, not ${size}`, {
      advice: "remove it or choose --if-exists overwrite",
    });
  }
  return check && policy === "resume" ? { replace: false, check } : undefined;
}

/** Nothing stands there. */
export const CREATE: Plan = { replace: false };

/**
 * A complete file has the time that the server gave it, in whole seconds. One that was written here
 * has a fraction, and its time says nothing about the server's file.
 */
function lastModifiedOf({ isFile, mtime }: Deno.FileInfo): string | undefined {
  return isFile && mtime && mtime.getTime() % 1000 === 0 ? mtime.toUTCString() : undefined;
}
