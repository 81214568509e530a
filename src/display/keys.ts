/** A key: the character that it types, or one of these names. */
export type Key = string;

/** Where keys come from: the terminal, or a test. */
export interface KeySource {
  /** Whether there is a keyboard to read. */
  readonly available: boolean;
  /** Calls `onKey` for each key from now on. Waiting for keys doesn't keep the process alive. */
  start(onKey: (key: Key) => void): void;
  /** Gives the keyboard back. */
  stop(): void;
}

const NAMES: Readonly<Record<string, Key>> = {
  A: "up",
  B: "down",
  "5~": "page-up",
  "6~": "page-down",
  H: "home",
  F: "end",
  "1~": "home",
  "4~": "end",
};

/** The keys in what a terminal has sent. Sequences that mean nothing here are left out. */
export function parseKeys(text: string): Key[] {
  // deno-lint-ignore no-control-regex
  const keys = text.matchAll(/\x1b[[O]([\d;]*)([A-Za-z~])|\x1b|([^\x1b])/gu);
  return Array.from(keys, ([, number = "", final, character]) => {
    if (character !== undefined) return character;
    return final === undefined ? undefined : NAMES[final === "~" ? `${number}~` : final];
  }).filter((key) => key !== undefined);
}
