import { assertEquals } from "@std/assert";
import { readRequestList } from "../../src/download/mod.ts";
import { testWithin } from "../support/watchdog.ts";

const METALINK = '<metalink xmlns="urn:ietf:params:xml:ns:metalink">' +
  '<file name="a"><url>http://h/1</url></file></metalink>';

function stream(...pieces: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
}

async function names(...pieces: string[]): Promise<(string | undefined)[]> {
  const entries = await Array.fromAsync(readRequestList(stream(...pieces)));
  return entries.map((entry) => entry instanceof Error ? `error ${entry.message}` : entry.name);
}

testWithin("what begins with < is a Metalink, everything else a list of URLs", async () => {
  assertEquals(await names(METALINK), ["a"]);
  assertEquals(await names("\ufeff", "", "\r\n \t", "<", METALINK.slice(1)), ["a"]);
  assertEquals(await names(`<?xml version="1.0"?>${METALINK}`), ["a"]);
  assertEquals(await names("http://h/1\n", " out=b\n"), ["b"]);
  assertEquals(await names("\ufeff\n", "#<\n", "http://h/1\n out=b\n"), ["b"]);
  assertEquals(await names(), []);
  assertEquals(await names("\n", " \n"), []);
});

testWithin("a web page is one error, not one for each of its lines", async () => {
  assertEquals(await names("<!DOCTYPE html>\n<html>\n<body>\n</body></html>"), [
    "error the Metalink file is no good: document types are refused",
  ]);
});

testWithin("a list that begins with a long blank is a list of URLs", async () => {
  assertEquals(await names("\n".repeat(100_000), "http://h/1\n out=b\n"), ["b"]);
});

testWithin("nothing is read ahead, and a list that is given up is cancelled", async () => {
  let pulled = 0;
  let cancelled = false;
  const line = new TextEncoder().encode("http://h/1\n");
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled++;
      controller.enqueue(line);
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const list = readRequestList(endless);
  assertEquals(pulled, 0);
  for await (const _ of list) break;
  assertEquals(pulled < 10, true, `${pulled}`);
  assertEquals(cancelled, true);
});

testWithin("an error of the source is the list's", async () => {
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.error(new RangeError("broken")),
  });
  const outcome = await Array.fromAsync(readRequestList(broken)).catch((error) => error);
  assertEquals(outcome instanceof RangeError && outcome.message, "broken");
});
