/** A buffer from this size on counts. */
const LARGE = 16 * 1024;

/** How many buffers of 16 KiB or more are made by their constructors while `work` goes on. */
export async function largeBuffers(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  using undo = new DisposableStack();
  for (const name of ["ArrayBuffer", "Uint8Array"] as const) {
    const original = globalThis[name];
    const counting: typeof original = new Proxy(original, {
      construct(target, args, newTarget) {
        if (typeof args[0] === "number" && args[0] >= LARGE) count++;
        return Reflect.construct(target, args, newTarget === counting ? target : newTarget);
      },
    });
    Object.assign(globalThis, { [name]: counting });
    undo.defer(() => Object.assign(globalThis, { [name]: original }));
  }
  await work();
  return count;
}
