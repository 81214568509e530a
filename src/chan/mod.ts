/**
 * Go's channels: {@linkcode Chan} to pass values between loops that run at the same time, and
 * {@linkcode select} to wait for whichever of several things comes first.
 *
 * @module
 */

export { after, type TimeOptions } from "./after.ts";
export type { Case, Cases, KeyOnly, Selected } from "./case.ts";
export { Chan } from "./chan.ts";
export type { ChanState, ReceiveChan, Received, SendChan } from "./directions.ts";
export { ChanClosedError, UndeliveredError } from "./errors.ts";
export { describeWaiters, inspect } from "./inspect.ts";
export type { ChanOptions, Overflow, WaitOptions } from "./options.ts";
export { receiveFrom, type ReceiveResult } from "./receive_from.ts";
export type { ChanReport, WaitReport } from "./report.ts";
export { select, type SelectOptions, trySelect } from "./select.ts";
export { sendTo } from "./send_to.ts";
export { settled, type SettledResult } from "./settled.ts";
export { tick, type Ticker } from "./tick.ts";
