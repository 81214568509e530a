import { safeName } from "./naming.ts";

/**
 * The file name that a `Content-Disposition` header proposes (RFC 6266), made safe by
 * {@linkcode safeName}; `undefined` without a usable one.
 *
 * `filename*` (RFC 8187: UTF-8 or ISO-8859-1) wins over `filename`. Of a path only the last part
 * counts. UTF-8 bytes in a plain `filename`, which many servers send, are understood.
 *
 * @example
 * ```ts
 * import { nameFromDisposition } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameFromDisposition('attachment; filename="../../etc/passwd"'), "passwd");
 * assertEquals(nameFromDisposition("attachment; filename*=UTF-8''%e2%82%ac.txt"), "€.txt");
 * assertEquals(nameFromDisposition("inline"), undefined);
 * ```
 */
export function nameFromDisposition(header: string): string | undefined {
  const parameters = parse(header);
  const extended = parameters.get("filename*");
  const plain = parameters.get("filename");
  for (const name of [extended && decodeExtended(extended), plain && decodePlain(plain)]) {
    const safe = name && safeName(name);
    if (safe) return safe;
  }
  return undefined;
}

/** One parameter: a name, and a token or a quoted string with backslash escapes. */
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;

function parse(header: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (
    const [, name, quoted, token] of `;${header.replace(/^[^;=]*(?=;|$)/, "")}`.matchAll(PARAMETER)
  ) {
    const value = quoted === undefined ? token! : unescape(quoted);
    if (!parameters.has(name!.toLowerCase())) parameters.set(name!.toLowerCase(), value);
  }
  return parameters;
}

/** Only a quote and a backslash are escaped by anyone; a Windows path keeps its backslashes. */
function unescape(quoted: string): string {
  return quoted.replace(/\\(["\\])/g, "$1");
}

/** `UTF-8''%e2%82%ac` (RFC 8187 §3.2). */
function decodeExtended(value: string): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']*'(.*)$/i.exec(value);
  if (!match) return undefined;
  try {
    if (match[1]!.toLowerCase() === "utf-8") return decodeURIComponent(match[2]!);
    return match[2]!.replace(
      /%([0-9a-f]{2})/gi,
      (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
    );
  } catch {
    return undefined;
  }
}

/** Headers arrive as Latin-1; where the bytes make valid UTF-8, that is what was meant. */
function decodePlain(value: string): string {
  // deno-lint-ignore no-control-regex
  if (!/^[\x00-\xff]*[\x80-\xff][\x00-\xff]*$/.test(value)) return value;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}
