import type { Clock } from "../clock/mod.ts";
import { CircuitBreaker, type CircuitPermit } from "../resilience/mod.ts";
import type { Task } from "./_task.ts";
import type { DownloadError } from "./errors.ts";
import type { HostPausedEvent, HostResumedEvent } from "./events.ts";

/** How hosts are treated. */
export interface HostsOptions {
  /** Files from one host at the same time. */
  readonly perHost: number;
  /** How often a host that is down is probed before its files are given up. */
  readonly retries: number;
  /** Measures time. */
  readonly clock: Clock;
  /** Told when a host is left alone, and when it is asked again. */
  readonly onEvent: (event: HostPausedEvent | HostResumedEvent) => void;
}

/** A circuit opens when so many attempts in the window have failed, … */
const FAILURES = 10;

/** … and they are at least this part of all. */
const FAILURE_RATE = 0.5;

const WINDOW_MS = 30_000;

/** A host that has answered so lately and now refuses is not down but has too much to do. */
const LATELY_MS = 2_000;

/** Eight good ends make up for one refusal, and with so many refusals made up for, one file more. */
const WORTH_OF_END = 1 / 8;
const MOST_CREDIT = 2;

/** An open circuit is probed after this time, and after twice the last time when a probe fails. */
const PROBE_AFTER_MS = 1_000;
const MOST_PROBE_AFTER_MS = 30_000;

/** What is known of one host and port. */
export interface Host {
  readonly name: string;
  readonly breaker: CircuitBreaker;
  active: number;
  /** The most files at the same time that it seems to bear. */
  most: number;
  /** The refusals that its good ends make up for. */
  credit: number;
  /** When the last file began to come. */
  answeredMs: number;
  pausedUntilMs: number;
  /** How often the circuit has opened since the last success. */
  openings: number;
}

/** A task's time with its host. */
export interface Visit {
  readonly host: Host;
  readonly permit: CircuitPermit | undefined;
  /** Whether its file has begun to come. */
  isAnswered: boolean;
}

/**
 * What each host can bear: so many files at a time, fewer when it refuses some while it serves
 * others, a pause when it asks for one (`Retry-After`), and a circuit breaker when it does nothing
 * but fail. The others go on meanwhile.
 *
 * A host whose circuit has opened more often than a file may be retried is taken to be down: its
 * files fail at once, except the ones that serve as probes.
 */
export class Hosts {
  readonly #hosts = new Map<string, Host>();
  readonly #options: HostsOptions;

  /** Knows no host yet. */
  constructor(options: HostsOptions) {
    this.#options = options;
  }

  /** The host that a task's next attempt will ask. */
  keyOf({ mirrors }: Task): string {
    return mirrors.current.host;
  }

  /**
   * The milliseconds until a task may begin: 0 if it may now, `Infinity` if it must wait until
   * another one of its host has ended.
   */
  waitMs(task: Task): number {
    const host = this.#hosts.get(this.keyOf(task));
    if (!host) return 0;
    if (host.active >= host.most) return Infinity;
    const pauseMs = this.#pauseMs(host);
    if (pauseMs > 0) return pauseMs;
    return this.#isDown(host) ? 0 : host.breaker.retryAfterMs;
  }

  /** A task is on its way to a worker. */
  begin(task: Task): void {
    const host = this.#hostOf(this.keyOf(task));
    host.active++;
    task.visit = { host, permit: host.breaker.tryAcquire(), isAnswered: false };
  }

  /** The host of a task that has begun sends its file. */
  answer({ visit }: Task): void {
    if (!visit) return;
    visit.isAnswered = true;
    visit.host.answeredMs = this.#options.clock.now();
  }

  /** The pause that the host of a task that has begun has asked for meanwhile, in milliseconds. */
  pauseMs({ visit }: Task): number {
    return visit ? this.#pauseMs(visit.host) : 0;
  }

  /** Whether the host of a task that has begun is taken to be down, so that it should not be asked. */
  isDown({ visit }: Task): boolean {
    return visit !== undefined && !visit.permit && this.#isDown(visit.host);
  }

  /** A task that had begun has ended: well, with an error, or without having asked its host. */
  end(task: Task, error?: DownloadError | "unasked"): void {
    const { host, permit, isAnswered } = task.visit!;
    task.visit = undefined;
    host.active--;
    if (error === "unasked") return permit?.ignore();
    if (!error || !speaksAgainstHost(error)) {
      permit?.success();
      this.#credit(host);
    } else if (!isAnswered && refuses(error) && this.#isServing(host)) {
      permit?.ignore();
      if (host.credit >= 1) host.credit--;
      else host.most = Math.min(host.most, host.active);
    } else permit?.failure();
    if (error?.retryAfterMs) this.#pause(host, error.retryAfterMs);
  }

  /** Whether other files of a host are under way, and it has answered lately. */
  #isServing({ active, answeredMs }: Host): boolean {
    return active > 0 && this.#options.clock.now() - answeredMs < LATELY_MS;
  }

  /** A file has ended well; some of these let the host have one more at a time. */
  #credit(host: Host): void {
    host.credit += WORTH_OF_END;
    if (host.credit < MOST_CREDIT) return;
    host.credit = MOST_CREDIT;
    if (host.most === this.#options.perHost) return;
    host.credit = 0;
    host.most++;
  }

  #hostOf(name: string): Host {
    const known = this.#hosts.get(name);
    if (known) return known;
    const { clock, onEvent, perHost } = this.#options;
    const host: Host = {
      name,
      active: 0,
      most: perHost,
      credit: 1,
      answeredMs: -Infinity,
      pausedUntilMs: 0,
      openings: 0,
      breaker: new CircuitBreaker({
        failureThreshold: FAILURES,
        failureRate: FAILURE_RATE,
        windowMs: WINDOW_MS,
        resetTimeoutMs: PROBE_AFTER_MS,
        resetGrowth: 2,
        maxResetTimeoutMs: MOST_PROBE_AFTER_MS,
        clock,
        onStateChange: ({ to }) => {
          if (to === "half-open") return;
          host.openings = to === "open" ? host.openings + 1 : 0;
          onEvent(
            to === "closed" ? { type: "host-resumed", host: name } : {
              type: "host-paused",
              host: name,
              reason: "failing",
              delayMs: host.breaker.retryAfterMs,
            },
          );
        },
      }),
    };
    this.#hosts.set(name, host);
    return host;
  }

  /** How long a host is still to be left alone; the clock is read only for one that asked for it. */
  #pauseMs({ pausedUntilMs }: Host): number {
    return pausedUntilMs === 0 ? 0 : Math.max(0, pausedUntilMs - this.#options.clock.now());
  }

  #isDown({ breaker, openings }: Host): boolean {
    return openings > this.#options.retries && breaker.state === "open";
  }

  #pause(host: Host, delayMs: number): void {
    const until = this.#options.clock.now() + delayMs;
    if (until <= host.pausedUntilMs) return;
    host.pausedUntilMs = until;
    this.#options.onEvent({ type: "host-paused", host: host.name, reason: "retry-after", delayMs });
  }
}

/** Whether an error tells that the host is in trouble, rather than one file. */
function speaksAgainstHost({ kind, status }: DownloadError): boolean {
  if (kind === "http") return status !== undefined && (status >= 500 || status === 429);
  return kind === "connect" || kind === "timeout";
}

/** Whether an error may mean that a host takes no more than it has already. */
function refuses({ kind, status }: DownloadError): boolean {
  return kind === "connect" || status === 503 || status === 429;
}
