/** The most bytes that a file name may have in UTF-8, less what part files append to it. */
export const MAX_NAME_BYTES = 255 - ".part.json~".length;

/** The name of a file whose URL ends in a slash, as wget and aria2 have it. */
const INDEX_NAME = "index.html";

/** Stands for a character that a name can't have. */
const SUBSTITUTE = "_";

/** C0, DEL and C1 controls, line separators, bidi controls, the byte order mark: never in a name. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** What most names are made of, in which nothing is to be made safe but the whole. */
const PLAIN = /^[\w+~][\w+~.-]{0,60}[\w+~-]$/;

/** Device names of Windows; with any extension they still open the device. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/** The names of part files and journals: a file of that name could be taken for another one's. */
const OWN_SUFFIX = /\.part(\.json~?)?$/i;

/** An extension worth keeping together: `.zip`, `.tar.gz`; never the whole of a name. */
const EXTENSION = /(?<=.)(\.tar)?\.[^.\s]{1,16}$/i;

/**
 * The name under which the file behind `url` is saved: its last path segment, decoded and made
 * safe, or `index.html` where the path ends in a slash.
 *
 * ```ts
 * import { nameFromUrl } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameFromUrl(new URL("http://host/a/b%20c.zip?x=1")), "b c.zip");
 * assertEquals(nameFromUrl(new URL("http://host/a/..%2f..%2fetc%2fpasswd")), "passwd");
 * ```
 */
export function nameFromUrl(url: URL): string {
  const segment = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  return safeName(decode(segment)) ?? INDEX_NAME;
}

/**
 * `name` as one file name that is safe on every system and in every terminal, or `undefined` where
 * nothing is left of it (empty, `.`, `..`).
 *
 * Only what follows the last `/` or `\` counts. Control and bidi characters become `_`, as do a
 * leading `-`, `.` or drive letter and trailing dots and spaces; the device names of Windows get a
 * `_` in front, and what looks like a part file gets one behind; over-long names are cut before
 * their extension. The result is in Unicode's composed form (NFC).
 */
export function safeName(name: string): string | undefined {
  if (PLAIN.test(name) && !RESERVED.test(name) && !OWN_SUFFIX.test(name)) return name;
  let safe = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  if (/^[.\s]*$/.test(safe)) return undefined;
  safe = safe.toWellFormed().normalize("NFC").replace(UNPRINTABLE, SUBSTITUTE);
  safe = safe.replace(/^[A-Za-z]:/, SUBSTITUTE).replace(/^[-.\s]/, SUBSTITUTE);
  safe = safe.replace(/[.\s]+$/, SUBSTITUTE);
  if (Deno.build.os === "windows") safe = safe.replace(/[<>:"|?*]/g, SUBSTITUTE);
  if (RESERVED.test(safe)) safe = SUBSTITUTE + safe;
  if (OWN_SUFFIX.test(safe)) safe += SUBSTITUTE;
  return shorten(safe, "");
}

/**
 * `path` as given by the user: a relative path whose every part is a safe name already.
 *
 * @throws {TypeError} saying what to write instead.
 */
export function safePath(path: string): string {
  const parts = path.split("/");
  for (const part of parts) {
    const safe = safeName(part);
    if (safe === part.normalize("NFC")) continue;
    throw new TypeError(
      `"${path}" is not a safe file name inside the folder` +
        (safe === undefined || parts.length > 1 ? "" : `; try "${safe}"`),
    );
  }
  return parts.join("/").normalize("NFC");
}

/** `path` with `.1`, `.2`, … before its extension, still within the length that a name may have. */
export function numberedName(path: string, number: number): string {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  return path.slice(0, cut) + shorten(path.slice(cut), `.${number}`);
}

/** `name` below `folder`. */
export function joinPath(folder: string, name: string): string {
  if (folder === ".") return name;
  return /[/\\]$/.test(folder) ? folder + name : `${folder}/${name}`;
}

/** The folder of `path`; `.` for a bare name. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, Math.max(end, 1));
}

/** The name at the end of `path`. */
export function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Two names that some file system takes for the same one have the same key. */
export function nameKey(name: string): string {
  if (/^[\x20-@[-~]*$/.test(name)) return name; // the usual case: nothing in it has another form
  return name.normalize("NFC").toUpperCase().toLowerCase();
}

/** `name` with `insert` before its extension, cut at a whole character to the allowed length. */
function shorten(name: string, insert: string): string {
  if (insert === "" && name.length * 3 <= MAX_NAME_BYTES) return name;
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  const room = MAX_NAME_BYTES - byteLength(insert + extension);
  let stem = name.slice(0, name.length - extension.length);
  if (byteLength(stem) > room) {
    const bytes = new TextEncoder().encode(stem).subarray(0, room);
    stem = new TextDecoder().decode(bytes).replace(/\ufffd+$/, "").replace(/[.\s]+$/, SUBSTITUTE);
  }
  return stem + insert + extension;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

/** Percent-decoding that keeps what isn't UTF-8 as it stands. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
