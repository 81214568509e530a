import { chunksOf } from "./chunks.ts";

const LINE_FEED = 0x0a;

/** What begins a line that names no file: an option, a comment, or nothing. */
const NO_ENTRY = new Set([" ", "\t", "\r", "\n", "#"].map((text) => text.charCodeAt(0)));

/** What begins a document. */
const LESS_THAN = 0x3c;

/** What stands at the beginning of some texts: a byte order mark. */
const MARK = 0xfeff;

/**
 * How many files and bad lines a list holds, so that it can be told how much of it is done long
 * before its end is read. `undefined` where that takes more than to count lines: for a Metalink, and
 * for whatever can be read only once.
 */
export async function listSize(path: string): Promise<number | undefined> {
  try {
    if (path === "-" || !(await Deno.stat(path)).isFile) return undefined;
    return await countLines(chunksOf(await Deno.open(path)));
  } catch {
    return undefined; // whoever reads the list says what is wrong with it
  }
}

async function countLines(bytes: AsyncIterable<Uint8Array>): Promise<number | undefined> {
  let count = 0;
  let atStart = true;
  let blank = true;
  for await (const chunk of bytes) {
    let rest = chunk;
    if (blank) {
      rest = withoutMark(chunk);
      const first = rest.find((byte) => !NO_ENTRY.has(byte));
      if (first === LESS_THAN) return undefined;
      blank = first === undefined;
    }
    if (rest.length === 0) continue;
    if (atStart && !NO_ENTRY.has(rest[0]!)) count++;
    let at = rest.indexOf(LINE_FEED);
    for (; at >= 0 && at + 1 < rest.length; at = rest.indexOf(LINE_FEED, at + 1)) {
      if (!NO_ENTRY.has(rest[at + 1]!)) count++;
    }
    atStart = at >= 0;
  }
  return count;
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const mark = new TextEncoder().encode(String.fromCharCode(MARK));
  return mark.every((byte, index) => bytes[index] === byte) ? bytes.subarray(mark.length) : bytes;
}
