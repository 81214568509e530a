/**
 * Lets the event loop turn once: every promise that can settle without waiting for time or for
 * input has settled when it resolves. It takes about 15 µs, where a timer takes a millisecond.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
