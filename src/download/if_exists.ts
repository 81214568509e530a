import { DownloadError } from "./errors.ts";
import { lookAt } from "./part_file.ts";

/**
 * What to do about a file that stands at a download's final name.
 *
 * - `skip`: leave it, whatever it is
 * - `resume`: leave it, since only whole files get their final name
 * - `rename`: leave it and take the next free numbered name
 * - `overwrite`: replace it when the new one is complete
 */
export type IfExists = "skip" | "resume" | "rename" | "overwrite";

/**
 * What the policy, other than `rename`, means for `path`: fetch it to a free name, fetch it and
 * replace what is there, or leave it.
 *
 * @throws {DownloadError} `exists` if a folder, or a link that might lead anywhere, is in the way.
 */
export function planFor(path: string, policy: IfExists): "create" | "replace" | "leave" {
  const there = lookAt(path);
  if (!there) return "create";
  if (there.isDirectory) {
    throw new DownloadError("exists", `${path} is a folder`, {
      advice: "move it away or choose --if-exists rename",
    });
  }
  if (policy === "overwrite") return "replace";
  if (policy === "resume" && there.isSymlink) {
    throw new DownloadError("exists", `${path} is a symbolic link, which is not followed`, {
      advice: "remove it or choose --if-exists overwrite",
    });
  }
  return "leave";
}
