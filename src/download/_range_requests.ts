import { type Answer, checkPart, interpret, rangeHeaders, StartOver } from "./_answer.ts";
import type { ByteSource, HttpResponse } from "./_http_response.ts";
import type { Mirror } from "./_mirrors.ts";
import { NotNeeded } from "./_not_needed.ts";
import type { Partial } from "./_partial.ts";
import type { Range } from "./_ranges.ts";
import type { Task } from "./_task.ts";
import { DownloadError } from "./errors.ts";
import { discard, type Transport, type TransportRequest } from "./transport.ts";

/** How requests are made. */
export interface RangeRequestsOptions {
  /** Sends the requests. */
  readonly transport: Transport;
  /** Connections for one file. */
  readonly segments: number | "auto";
}

/** The requests of one attempt, for the whole of a file or what is missing of it. */
export class RangeRequests {
  readonly #task: Task;
  readonly #partial: Partial;
  readonly #signal: AbortSignal;
  readonly #options: RangeRequestsOptions;

  /** Asks for nothing yet. `signal` ends the first request and its body. */
  constructor(task: Task, partial: Partial, signal: AbortSignal, options: RangeRequestsOptions) {
    this.#task = task;
    this.#partial = partial;
    this.#signal = signal;
    this.#options = options;
  }

  /**
   * Asks for everything that is missing; `undefined` if nothing is.
   *
   * @throws {StartOver} if what is in place can't be continued.
   * @throws {NotNeeded} if the server has nothing newer than the file that would be replaced.
   * @throws {DownloadError} if no mirror has the file.
   */
  async ask(): Promise<Answer | undefined> {
    const { mirrors } = this.#task;
    for (;;) {
      const mirror = mirrors.current;
      try {
        return await this.#askOne(mirror);
      } catch (error) {
        if (!(error instanceof DownloadError) || error.retryable || !mirrors.drop(mirror)) {
          throw error;
        }
      }
    }
  }

  /**
   * One more connection for a part, to the `worker`th mirror, or another one if that has failed.
   *
   * @throws {StartOver} if the file has changed.
   * @throws {DownloadError} if no mirror has the part.
   */
  async open(range: Range, worker: number, signal: AbortSignal): Promise<ByteSource> {
    const { mirrors, expected } = this.#task;
    const mirror = mirrors.pick(worker);
    const { name } = mirror;
    try {
      const response = await this.#request(mirror, range, signal);
      orDiscard(
        response,
        () => checkPart(response, name, this.#partial, range, expected !== undefined),
      );
      return response.body;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DownloadError)) throw error;
      // Where the file in place comes from, it is no more; elsewhere it was always another one.
      if (error instanceof StartOver && this.#partial.isFrom(name)) throw error;
      if (!mirrors.drop(mirror)) throw error;
      return await this.open(range, worker, signal);
    }
  }

  async #askOne(mirror: Mirror): Promise<Answer | undefined> {
    const { segments } = this.#options;
    const { undivided, plan, expected } = this.#task;
    const { done } = this.#partial;
    const severally = segments !== "auto" && segments > 1 && !undivided;
    const asked = done.size > 0 || severally ? done.firstGap : undefined;
    const range = asked === undefined ? undefined : { start: asked, end: Infinity };
    const response = await this.#request(mirror, range, this.#signal);
    return orDiscard(response, () => {
      const isConditional = asked === undefined && plan.lastModified !== undefined;
      if (isConditional && response.status === 304) throw new NotNeeded("unchanged");
      return interpret(response, mirror.name, this.#partial, asked, expected !== undefined);
    });
  }

  #request(mirror: Mirror, range: Range | undefined, signal: AbortSignal): Promise<HttpResponse> {
    const { request, plan } = this.#task;
    return this.#get(mirror, {
      url: mirror.url,
      ledTo: mirror.ledTo,
      headers: request.headers,
      transferHeaders: range
        ? rangeHeaders(range, this.#partial.validatorFor(mirror.name))
        : plan.lastModified === undefined
        ? undefined
        : [["if-modified-since", plan.lastModified]],
      signal,
    });
  }

  /** Asks where the mirror has led to before, and the mirror itself if that is of no use now. */
  async #get(mirror: Mirror, request: TransportRequest): Promise<HttpResponse> {
    const { transport } = this.#options;
    try {
      const { response, url } = await transport.get(request);
      if (url !== mirror.url) mirror.ledTo = url;
      return response;
    } catch (error) {
      request.signal.throwIfAborted();
      if (!request.ledTo) throw error;
      mirror.ledTo = undefined;
      return await this.#get(mirror, { ...request, ledTo: undefined });
    }
  }
}

/** What `use` makes of a response, which is given up if it throws. */
function orDiscard<T>(response: HttpResponse, use: () => T): T {
  try {
    return use();
  } catch (error) {
    discard(response);
    throw error;
  }
}
