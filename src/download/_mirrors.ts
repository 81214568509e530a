import { redactUrl } from "./request.ts";

/** The places that one file can be had from, less those that have turned out not to have it. */
export class Mirrors {
  readonly #urls: URL[];
  #at = 0;
  /** How they are written in a journal; what one has brought stays when it is dropped. */
  readonly names: readonly string[];

  /** All of `urls`, of which there is at least one. */
  constructor(urls: readonly URL[]) {
    this.#urls = [...urls];
    this.names = urls.map(redactUrl);
  }

  /** The mirror that is asked first. */
  get current(): URL {
    return this.pick(0);
  }

  /** The mirror for the `index`th connection: all of them in turn. */
  pick(index: number): URL {
    return this.#urls[(this.#at + index) % this.#urls.length]!;
  }

  /** Another one is to be asked first, since the current one has brought nothing. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length;
  }

  /** Uses `url` no more, unless it is the last one; false if it is. */
  drop(url: URL): boolean {
    const index = this.#urls.indexOf(url);
    if (this.#urls.length === 1 || index < 0) return index < 0;
    this.#urls.splice(index, 1);
    if (index < this.#at) this.#at--;
    this.#at %= this.#urls.length;
    return true;
  }
}
