/** What stands in a document, in order. Text comes in pieces, with its references resolved. */
export type XmlEvent =
  | {
    readonly type: "open";
    /** The name without its prefix. */
    readonly name: string;
    /** What the prefix, or its absence, stands for; empty for nothing. */
    readonly namespace: string;
    /** By name as it is written, prefix included. */
    readonly attributes: ReadonlyMap<string, string>;
    /** The number of the line that the element begins on, from 1. */
    readonly line: number;
  }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "close" };

/** A document that is not well-formed, or more than this reader takes. */
export class XmlError extends Error {
  /** The class's own name. */
  override readonly name = "XmlError";
  /** The number of the line, from 1. */
  readonly line: number;

  /** Describes what is wrong with `line`. */
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** More than any document of ours has, and few enough to be no burden. */
const MAX_DEPTH = 32;
const MAX_ATTRIBUTES = 64;

const NAME = String.raw`[\p{L}_:][\p{L}\p{N}\p{M}_:.\u00b7-]*`;
const OPEN = new RegExp(`<(${NAME})`, "uy");
const ATTRIBUTE = new RegExp(String.raw`[ \t\r\n]+(${NAME})[ \t\r\n]*=[ \t\r\n]*(["'])`, "uy");
const OPEN_END = /[ \t\r\n]*(\/?)>/y;
const CLOSE = new RegExp(String.raw`</(${NAME})[ \t\r\n]*>`, "uy");
const BLANKS = /[ \t\r\n]*/y;

// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/**
 * Reads a document of XML 1.0 with namespaces, in UTF-8: elements, attributes, text, comments,
 * CDATA sections and the references that need no declaration. It refuses document types, since
 * their entities can name other files or grow without bound, and deep nesting.
 *
 * The time is proportional to the length of `text`, whatever it holds.
 *
 * @throws {XmlError} where the document is not well-formed.
 */
export function* readXml(text: string): Generator<XmlEvent, void> {
  yield* new Reader(text).read();
}

/** Elements that are open, with the prefixes that they declare. */
interface OpenElement {
  readonly name: string;
  readonly prefixes: ReadonlyMap<string, string>;
}

class Reader {
  readonly #text: string;
  readonly #open: OpenElement[] = [];
  #at = 0;
  #line = 1;
  #lineAt = 0;

  constructor(text: string) {
    this.#text = text;
  }

  *read(): Generator<XmlEvent, void> {
    const forbidden = this.#text.search(FORBIDDEN);
    if (forbidden >= 0) throw this.#error("a character that XML can't have", forbidden);
    this.#match(BLANKS);
    this.#declaration();
    let roots = 0;
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] !== "<") {
        yield* this.#characters();
      } else if (this.#skips("<!--")) {
        const end = this.#find("--", "the comment");
        if (this.#text[end + 2] !== ">") throw this.#error('"--" inside a comment', end);
        this.#at = end + 3;
      } else if (this.#skips("<![CDATA[")) {
        if (this.#open.length === 0) throw this.#error("text outside of the root element");
        const start = this.#at;
        this.#at = this.#find("]]>", "the CDATA section") + 3;
        yield { type: "text", text: this.#text.slice(start, this.#at - 3) };
      } else if (this.#skips("<?")) {
        this.#at = this.#find("?>", "the processing instruction") + 2;
      } else if (this.#skips("<!DOCTYPE")) {
        throw this.#error("document types are refused");
      } else if (this.#text.startsWith("</", this.#at)) {
        yield this.#close();
      } else {
        if (this.#open.length === 0 && ++roots > 1) throw this.#error("a second root element");
        yield* this.#element();
      }
    }
    const inside = this.#open.at(-1);
    if (inside) throw this.#error(`the document ends inside <${inside.name}>`);
    if (roots === 0) throw this.#error("there is no element");
  }

  /** `<?xml … ?>`, which may name another encoding than the one that was decoded. */
  #declaration(): void {
    if (!/^<\?xml[ \t\r\n]/.test(this.#text.slice(this.#at, this.#at + 6))) return;
    const start = this.#at;
    this.#at = this.#find("?>", "the XML declaration") + 2;
    const declaration = this.#text.slice(start, this.#at);
    const [, encoding = "utf-8"] = /\sencoding\s*=\s*["']([^"']*)["']/.exec(declaration) ?? [];
    if (!/^(utf-8|us-ascii)$/i.test(encoding)) {
      throw this.#error(`the encoding must be UTF-8, got "${encoding.slice(0, 40)}"`);
    }
  }

  *#characters(): Generator<XmlEvent, void> {
    const next = this.#text.indexOf("<", this.#at);
    const text = this.#text.slice(this.#at, next < 0 ? undefined : next);
    if (this.#open.length === 0) {
      if (text.trim() !== "") throw this.#error("text outside of the root element");
    } else {
      if (text.includes("]]>")) throw this.#error('"]]>" in text');
      yield { type: "text", text: this.#resolve(text) };
    }
    this.#at += text.length;
  }

  *#element(): Generator<XmlEvent, void> {
    const line = this.#lineOf(this.#at);
    const [, name] = this.#match(OPEN) ?? [];
    if (name === undefined) throw this.#error('"<" that begins no element');
    const attributes = this.#attributes(name);
    const [, empty] = this.#match(OPEN_END) ?? [];
    if (empty === undefined) throw this.#error(`the tag <${name}> makes no sense`);
    if (this.#open.length >= MAX_DEPTH) {
      throw this.#error(`elements are nested more than ${MAX_DEPTH} deep`);
    }
    this.#open.push({ name, prefixes: prefixesOf(attributes, this.#open.at(-1)?.prefixes) });
    yield { type: "open", ...this.#expand(name), attributes, line };
    if (empty !== "/") return;
    this.#open.pop();
    yield { type: "close" };
  }

  #attributes(element: string): Map<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      const [, name, quote] = this.#match(ATTRIBUTE) ?? [];
      if (name === undefined || quote === undefined) return attributes;
      const start = this.#at;
      this.#at = this.#find(quote, `the value of ${name} in <${element}>`) + 1;
      const value = this.#text.slice(start, this.#at - 1);
      if (value.includes("<")) throw this.#error(`"<" in the value of ${name} in <${element}>`);
      if (attributes.has(name)) throw this.#error(`<${element}> has two attributes ${name}`);
      if (attributes.size >= MAX_ATTRIBUTES) {
        throw this.#error(`<${element}> has more than ${MAX_ATTRIBUTES} attributes`);
      }
      attributes.set(name, this.#resolve(value.replace(/\r\n|[\t\r\n]/g, " ")));
    }
  }

  #close(): XmlEvent {
    const [, name] = this.#match(CLOSE) ?? [];
    const open = this.#open.pop();
    if (name === undefined) throw this.#error("an end tag that makes no sense");
    if (name !== open?.name) {
      throw this.#error(`</${name}> ends ${open ? `<${open.name}>` : "nothing"}`);
    }
    return { type: "close" };
  }

  /** The name and the namespace of the element that was opened last. */
  #expand(qualified: string): { name: string; namespace: string } {
    const at = qualified.indexOf(":");
    const prefix = qualified.slice(0, Math.max(at, 0));
    const namespace = this.#open.at(-1)?.prefixes.get(prefix);
    if (namespace === undefined && prefix !== "") {
      throw this.#error(`the prefix of <${qualified}> is not declared`);
    }
    return { name: qualified.slice(at + 1), namespace: namespace ?? "" };
  }

  /** `text` with its references resolved. */
  #resolve(text: string): string {
    return text.replace(/&([^;&]{0,12})(;?)/g, (reference, name: string, end: string) => {
      const character = end === "" ? undefined : characterOf(name);
      if (character === undefined) throw this.#error(`"${reference}" stands for nothing`);
      return character;
    });
  }

  /** Passes over `mark` if it comes next. */
  #skips(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #find(end: string, what: string): number {
    const found = this.#text.indexOf(end, this.#at);
    if (found < 0) throw this.#error(`${what} has no end`);
    return found;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #error(message: string, at: number = this.#at): XmlError {
    return new XmlError(this.#lineOf(at), message);
  }

  /** The line of a place that is no earlier than those asked for before. */
  #lineOf(at: number): number {
    let next = this.#text.indexOf("\n", this.#lineAt);
    for (; next >= 0 && next < at; next = this.#text.indexOf("\n", this.#lineAt)) {
      this.#line++;
      this.#lineAt = next + 1;
    }
    return this.#line;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** What `&name;` stands for; `undefined` for what would need a declaration, or no character. */
function characterOf(name: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-f]+)|([0-9]+))$/i.exec(name) ?? [];
  if (hex === undefined && decimal === undefined) {
    return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  }
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  if (code > 0x10ffff) return undefined;
  const character = String.fromCodePoint(code);
  return character.isWellFormed() && !FORBIDDEN.test(character) ? character : undefined;
}

const NO_PREFIXES: ReadonlyMap<string, string> = new Map([
  ["xml", "http://www.w3.org/XML/1998/namespace"],
]);

/** The prefixes that hold inside an element. */
function prefixesOf(
  attributes: ReadonlyMap<string, string>,
  outer: ReadonlyMap<string, string> = NO_PREFIXES,
): ReadonlyMap<string, string> {
  let prefixes: Map<string, string> | undefined;
  for (const [name, value] of attributes) {
    const [, prefix = name === "xmlns" ? "" : undefined] = /^xmlns:(.+)$/.exec(name) ?? [];
    if (prefix !== undefined) (prefixes ??= new Map(outer)).set(prefix, value);
  }
  return prefixes ?? outer;
}
