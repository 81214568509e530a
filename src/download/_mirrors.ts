import { redactUrl } from "./request.ts";

/** A place that a file can be had from. */
export interface Mirror {
  /** Where it is. */
  readonly url: URL;
  /** How it is shown and written down: without credentials. */
  readonly name: string;
  /** Its host and port. */
  readonly host: string;
  /**
   * Where it has led a request to. The next ones go there at once: it may lead each to another
   * server, and two servers seldom have the same validator for a file.
   */
  ledTo: URL | undefined;
}

/** The places that one file can be had from, less those that have turned out not to have it. */
export class Mirrors {
  readonly #mirrors: Mirror[];
  #at = 0;
  /** How they are written in a journal; what one has brought stays when it is dropped. */
  readonly names: readonly string[];

  /** All of `urls`, of which there is at least one. */
  constructor(urls: readonly URL[]) {
    this.#mirrors = urls.map((url) => ({
      url,
      name: redactUrl(url),
      host: url.host,
      ledTo: undefined,
    }));
    this.names = this.#mirrors.map(({ name }) => name);
  }

  /** The mirror that is asked first. */
  get current(): Mirror {
    return this.pick(0);
  }

  /** The mirror for the `index`th connection: all of them in turn. */
  pick(index: number): Mirror {
    return this.#mirrors[(this.#at + index) % this.#mirrors.length]!;
  }

  /** Another one is to be asked first, since the current one has brought nothing. */
  next(): void {
    this.current.ledTo = undefined;
    this.#at = (this.#at + 1) % this.#mirrors.length;
  }

  /** Uses `mirror` no more, unless it is the last one; false if it is. */
  drop(mirror: Mirror): boolean {
    const index = this.#mirrors.indexOf(mirror);
    if (this.#mirrors.length === 1 || index < 0) return index < 0;
    this.#mirrors.splice(index, 1);
    if (index < this.#at) this.#at--;
    this.#at %= this.#mirrors.length;
    return true;
  }
}
