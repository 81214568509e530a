import { assertEquals, assertRejects } from "@std/assert";
import { Connections } from "../../src/download/_connections.ts";
import type { Wire } from "../../src/download/_http_connection.ts";
import type { HttpResponse } from "../../src/download/_http_response.ts";
import { DownloadError } from "../../src/download/mod.ts";
import { AnsweringWire, ScriptedWire } from "../support/scripted_wire.ts";
import { testWithin } from "../support/watchdog.ts";

const URL_A = new URL("http://a.example/");
const URL_B = new URL("http://b.example/");
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const NEVER = new AbortController().signal;

/** Connections over the given wires, in the order in which they are opened. */
function over(wires: readonly Wire[], kept = 4): Connections & { opened: () => number } {
  const left = [...wires];
  const connections = new Connections({
    dial: () => Promise.resolve(left.shift()!),
    most: 4,
    kept,
  });
  return Object.assign(connections, { opened: () => wires.length - left.length });
}

async function textOf({ body }: HttpResponse): Promise<string> {
  let text = "";
  for (let piece = await body.next(Infinity); piece; piece = await body.next(Infinity)) {
    text += String.fromCharCode(...piece);
  }
  body.cancel();
  return text;
}

testWithin("a connection is used again for its own host only, once its body is read", async () => {
  const wires = [new AnsweringWire([[OK], [OK]]), new ScriptedWire([OK]), new ScriptedWire([OK])];
  using connections = over(wires);
  const first = await connections.get(URL_A, [], NEVER);
  const second = await connections.get(URL_A, [], NEVER);
  assertEquals(connections.opened(), 2, "the first one's body was still to be read");
  assertEquals([await textOf(first), await textOf(second)], ["ok", "ok"]);
  await textOf(await connections.get(URL_B, [], NEVER));
  assertEquals(connections.opened(), 3);
});

testWithin("a kept connection that has ended meanwhile is no failure", async () => {
  for (const end of ["end", new Deno.errors.ConnectionReset("reset by peer")] as const) {
    const wires = [new ScriptedWire([OK], end), new ScriptedWire([OK])];
    using connections = over(wires);
    await textOf(await connections.get(URL_A, [], NEVER));
    assertEquals(await textOf(await connections.get(URL_A, [], NEVER)), "ok");
    assertEquals(connections.opened(), 2);
    assertEquals(wires[0]!.closed, true);
  }
});

testWithin("a new connection that ends before an answer is one", async () => {
  using connections = over([new ScriptedWire([])]);
  const error = await assertRejects(() => connections.get(URL_A, [], NEVER), DownloadError);
  assertEquals([error.kind, error.message], ["connect", "the server closed the connection"]);
});

testWithin("what comes without being asked for is never taken for an answer", async () => {
  const wires = [new ScriptedWire([`${OK}${OK.replace("ok", "no")}`]), new ScriptedWire([OK])];
  using connections = over(wires);
  await textOf(await connections.get(URL_A, [], NEVER));
  assertEquals(wires[0]!.closed, true);
  assertEquals(await textOf(await connections.get(URL_A, [], NEVER)), "ok");
});

testWithin("an abort ends the wait for an answer, and its connection", async () => {
  const wire = new ScriptedWire([], "stall");
  using connections = over([wire]);
  const controller = new AbortController();
  const pending = assertRejects(
    () => connections.get(URL_A, [], controller.signal),
    Error,
    "enough",
  );
  await Promise.resolve();
  controller.abort(new Error("enough"));
  await pending;
  assertEquals(wire.closed, true);
});

testWithin("an abort while a kept connection is about to be used opens no other one", async () => {
  using connections = over([new ScriptedWire([OK], "stall"), new ScriptedWire([OK])]);
  await textOf(await connections.get(URL_A, [], NEVER));
  const controller = new AbortController();
  const pending = connections.get(URL_A, [], controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => pending, Error, "enough");
  assertEquals(connections.opened(), 1);
});

testWithin("no more are kept than may be, the last ones rather than the first", async () => {
  const wires = Array.from({ length: 4 }, () => new ScriptedWire([OK, OK], "stall"));
  using connections = over(wires, 2);
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await connections.get(URL_A, [], NEVER));
  for (const answer of answers) await textOf(answer);
  assertEquals(wires.map(({ closed }) => closed), [true, true, false, false]);
});

testWithin("a host that is asked again and again keeps its connection", async () => {
  const wires = Array.from({ length: 4 }, () => new AnsweringWire([[OK], [OK], [OK], [OK]]));
  using connections = over(wires, 2);
  for (const name of ["b", "c", "d"]) {
    await textOf(await connections.get(URL_A, [], NEVER));
    await textOf(await connections.get(new URL(`http://${name}.example/`), [], NEVER));
  }
  await textOf(await connections.get(URL_A, [], NEVER));
  assertEquals(wires.map(({ closed }) => closed), [false, true, true, false]);
});

testWithin("everything is closed in the end, also what is in use", async () => {
  const wires = [new ScriptedWire([OK], "stall"), new ScriptedWire([OK.slice(0, -1)], "stall")];
  const connections = over(wires);
  const kept = await connections.get(URL_A, [], NEVER);
  const used = await connections.get(URL_A, [], NEVER);
  await textOf(kept);
  await used.body.next(1);
  const reading = assertRejects(() => used.body.next(1));
  connections[Symbol.dispose]();
  await reading;
  assertEquals(wires.map(({ closed }) => closed), [true, true]);
});

testWithin(
  "a connection belongs to a body until that lets it go, though its end was read",
  async () => {
    const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    for (const answer of [OK, chunked]) {
      using connections = over([new AnsweringWire([[answer], [OK]]), new ScriptedWire([OK])]);
      const { body } = await connections.get(URL_A, [], NEVER);
      const piece = (await body.next(Infinity))!;
      assertEquals(await body.next(Infinity), undefined);
      await textOf(await connections.get(URL_A, [], NEVER));
      assertEquals(String.fromCharCode(...piece), "ok", "its memory was used again");
      assertEquals(connections.opened(), 2);
      body.cancel();
      await textOf(await connections.get(URL_A, [], NEVER));
      assertEquals(connections.opened(), 2);
    }
  },
);

testWithin("whoever gives a body up twice takes nothing from the next one", async () => {
  const other = OK.replace("ok", "no");
  using connections = over([new AnsweringWire([[OK], [other]])]);
  const first = await connections.get(URL_A, [], NEVER);
  first.body.cancel();
  const second = await connections.get(URL_A, [], NEVER);
  first.body.cancel();
  first.body.abort();
  assertEquals(await textOf(second), "no");
  assertEquals(connections.opened(), 1);
});

testWithin("a connection that an abort has closed is not kept", async () => {
  const wires = [new ScriptedWire([OK, OK]), new ScriptedWire([OK])];
  using connections = over(wires);
  const controller = new AbortController();
  const { body } = await connections.get(URL_A, [], controller.signal);
  controller.abort();
  body.cancel();
  await textOf(await connections.get(URL_A, [], NEVER));
  assertEquals(wires[0]!.written.match(/GET/g)?.length, 1);
});

testWithin("an abort that comes late leaves alone who has the connection then", async () => {
  using connections = over([new AnsweringWire([[OK], [OK.slice(0, -1), "k"]])]);
  const controller = new AbortController();
  await textOf(await connections.get(URL_A, [], controller.signal));
  const next = await connections.get(URL_A, [], NEVER);
  controller.abort();
  assertEquals(await textOf(next), "ok");
  assertEquals(connections.opened(), 1);
});

testWithin("a request is sent again only if no byte of an answer has come", async () => {
  for (const broken of ["HTTP/1.1 200 OK\r\ncont", "HTTP/1.1 100 Continue\r\n\r\n", "x\r\n\r\n"]) {
    const wires = [new AnsweringWire([[OK], [broken]]), new ScriptedWire([OK])];
    using connections = over(wires);
    await textOf(await connections.get(URL_A, [], NEVER));
    await assertRejects(() => connections.get(URL_A, [], NEVER), DownloadError);
    assertEquals(connections.opened(), 1);
    assertEquals(await textOf(await connections.get(URL_A, [], NEVER)), "ok");
  }
});

testWithin("what comes while nothing is asked is no answer, however late it comes", async () => {
  const late = Promise.withResolvers<string>();
  const wires = [new ScriptedWire([OK, late.promise]), new ScriptedWire([OK])];
  using connections = over(wires);
  await textOf(await connections.get(URL_A, [], NEVER));
  late.resolve(OK.replace("ok", "no"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(await textOf(await connections.get(URL_A, [], NEVER)), "ok");
  assertEquals([connections.opened(), wires[0]!.closed], [2, true]);
});

testWithin("what comes before a request is sent is no answer to it", async () => {
  const late = Promise.withResolvers<string>();
  const wires = [new ScriptedWire([OK, late.promise]), new ScriptedWire([OK])];
  using connections = over(wires);
  await textOf(await connections.get(URL_A, [], NEVER));
  const next = connections.get(URL_A, [], NEVER);
  late.resolve(OK.replace("ok", "no"));
  assertEquals(await textOf(await next), "ok");
  assertEquals(wires.map(({ written }) => written.match(/GET/g)?.length), [1, 1]);
  assertEquals(wires[0]!.closed, true);
});

testWithin(
  "a connection is kept also if its answer comes before the request has left",
  async () => {
    const wire = new AnsweringWire([[OK], [OK], [OK]]);
    const write = wire.write.bind(wire);
    wire.write = async (bytes) => {
      const size = await write(bytes);
      for (let i = 0; i < 20; i++) await Promise.resolve();
      return size;
    };
    using connections = over([wire]);
    for (let i = 0; i < 3; i++) await textOf(await connections.get(URL_A, [], NEVER));
    assertEquals(connections.opened(), 1);
  },
);

testWithin("a connection that is opened when all have been closed is closed, too", async () => {
  const wire = new ScriptedWire([OK]);
  const dialled = Promise.withResolvers<Wire>();
  const connections = new Connections({ dial: () => dialled.promise, most: 4, kept: 4 });
  const pending = assertRejects(() => connections.get(URL_A, [], NEVER), DownloadError);
  connections[Symbol.dispose]();
  dialled.resolve(wire);
  await pending;
  assertEquals(wire.closed, true);
});
