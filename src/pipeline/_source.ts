import { Chan, type ReceiveChan } from "../chan/mod.ts";
import { consume, type Source } from "../pool/mod.ts";
import type { Run } from "./_run.ts";
import { Sender } from "./_sender.ts";
import { StageError, type StageResult } from "./stage_result.ts";

/** Starts to read `source`, one value ahead of the first stage at most. */
export function startSource<T>(run: Run, source: Source<T>): ReceiveChan<StageResult<T>> {
  const output = new Chan<StageResult<T>>(1, { name: "source" });
  const sender = new Sender(run, output);
  run.group.go(async (signal) => {
    try {
      await consume(source, sender.send, { signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw new StageError("source", undefined, cause);
    }
    output.close();
  });
  return output;
}
