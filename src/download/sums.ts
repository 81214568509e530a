import { algorithmOf, algorithmOfLength, type Checksum, checksumOf } from "./checksum.ts";

/** One line of a list of checksums. */
export interface SumLine {
  /** The file that it is about, as the list names it. */
  readonly name: string;
  /** What the file must hash to. */
  readonly checksum: Checksum;
  /** The number of the line, from 1. */
  readonly line: number;
}

/**
 * Reads a list of checksums as `sha256sum` and its kin write and read them:
 *
 * - GNU: `HEX  NAME` or `HEX *NAME` (binary), a leading `\` where the name has escapes
 * - BSD: `SHA256 (NAME) = HEX`
 *
 * The algorithm of a GNU line is told by the length of its digest; `sums` of one family are all
 * alike. Blank lines and those that start with `#` mean nothing.
 *
 * @throws {TypeError} naming the first line that makes no sense.
 *
 * @example
 * ```ts
 * import { parseSums } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const [sum] = parseSums("d41d8cd98f00b204e9800998ecf8427e *empty.txt\n");
 * assertEquals([sum?.name, sum?.checksum.algorithm], ["empty.txt", "md5"]);
 * ```
 */
export function parseSums(text: string): SumLine[] {
  const sums: SumLine[] = [];
  for (const [index, line] of text.replace(/^\ufeff/, "").split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    sums.push({ ...parseLine(line, index + 1), line: index + 1 });
  }
  return sums;
}

function parseLine(line: string, number: number): { name: string; checksum: Checksum } {
  const bsd = /^(\S+) \((.+)\) = ([0-9a-f]+)$/is.exec(line);
  const gnu = /^(\\?)([0-9a-f]+) [ *](.+)$/is.exec(line);
  const algorithm = bsd ? algorithmOf(bsd[1]!) : gnu && algorithmOfLength(gnu[2]!.length);
  if (!algorithm) {
    throw new TypeError(`line ${number} is not a checksum: write HEX, two spaces and a name`);
  }
  if (bsd) return { name: bsd[2]!, checksum: checksumOf(algorithm, bsd[3]!) };
  const [, escaped, hex, name] = gnu!;
  return { name: escaped ? unescape(name!) : name!, checksum: checksumOf(algorithm, hex!) };
}

/** GNU escapes a line break and a backslash in a name. */
function unescape(name: string): string {
  return name.replace(
    /\\(.)/g,
    (_, character) => ({ n: "\n", r: "\r" })[character as string] ?? character,
  );
}
