import { redactUrl } from "./request.ts";

/** The places that one file can be had from, less those that have turned out not to have it. */
export class Mirrors {
  readonly #urls: URL[];
  /** How they are written in a journal; what one has brought stays when it is dropped. */
  readonly names: readonly string[];

  /** All of `urls`, of which there is at least one. */
  constructor(urls: readonly URL[]) {
    this.#urls = [...urls];
    this.names = urls.map(redactUrl);
  }

  /** The mirror for the `index`th connection or attempt: all of them in turn. */
  pick(index: number): URL {
    return this.#urls[index % this.#urls.length]!;
  }

  /** Uses `url` no more, unless it is the last one; false if it is. */
  drop(url: URL): boolean {
    const index = this.#urls.indexOf(url);
    if (this.#urls.length === 1 || index < 0) return index < 0;
    this.#urls.splice(index, 1);
    return true;
  }
}
