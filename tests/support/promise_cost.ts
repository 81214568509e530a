import v8 from "node:v8";

/** What it takes until somebody who waits for something goes on. */
export interface PromiseCost {
  /** The promises that are made before the call returns. */
  readonly promises: number;
  /** The turns that the queue of microtasks takes from the call until the waiting code goes on. */
  readonly turns: number;
}

/** What `act` and an `await` of what it returns cost. */
export async function promiseCost(act: () => Promise<unknown>): Promise<PromiseCost> {
  let promises = 0;
  const stopCounting = v8.promiseHooks.onInit(() => promises++);
  let waited: Promise<unknown>;
  try {
    waited = act();
  } finally {
    stopCounting();
  }
  let turns = 0;
  let goesOn = false;
  const count = () => {
    if (goesOn) return;
    turns++;
    queueMicrotask(count);
  };
  queueMicrotask(count);
  await waited;
  goesOn = true;
  return { promises, turns };
}
