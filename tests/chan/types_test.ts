import { assertType, type IsExact } from "@std/testing/types";
import {
  after,
  Chan,
  type ReceiveChan,
  type Received,
  receiveFrom,
  select,
  type Selected,
  type SendChan,
  sendTo,
  settled,
  tick,
} from "../../mod.ts";
import { testWithin } from "../support/watchdog.ts";

interface Animal {
  readonly legs: number;
}

interface Dog extends Animal {
  readonly name: string;
}

// What the compiler rejects is never run: these functions only need to be type-checked.

testWithin("law 50: a receive-only view can't send, and the reverse", () => {
  function _use(receiving: ReceiveChan<number>, sending: SendChan<number>): void {
    // @ts-expect-error a receive-only channel can't send
    receiving.send(1);
    // @ts-expect-error nor try to
    receiving.trySend(1);
    // @ts-expect-error nor close
    receiving.close();
    // @ts-expect-error nor stand in a send case
    sendTo(receiving, 1);
    // @ts-expect-error a send-only channel can't receive
    sending.receive();
    // @ts-expect-error nor try to
    sending.tryReceive();
    // @ts-expect-error nor receive many
    sending.receiveMany(1);
    // @ts-expect-error nor be looped over
    sending[Symbol.asyncIterator]();
    // @ts-expect-error nor stand in a receive case
    receiveFrom(sending);
    // @ts-expect-error one direction is not the other
    const _back: SendChan<number> = receiving;
    // @ts-expect-error nor the reverse
    const _forth: ReceiveChan<number> = sending;
    // @ts-expect-error a view is no channel
    const _both: Chan<number> = receiving;
  }
  function _widen(chan: Chan<number>): [ReceiveChan<number>, SendChan<number>] {
    return [chan, chan];
  }
  function _ticks(): void {
    // @ts-expect-error nobody else sends to a ticker
    tick(1).send(1);
  }
});

testWithin("law 51: ReceiveChan is covariant", () => {
  function _use(dogs: ReceiveChan<Dog>, animals: ReceiveChan<Animal>, chan: Chan<Dog>): void {
    const _up: ReceiveChan<Animal> = dogs;
    const _fromChan: ReceiveChan<Animal> = chan;
    // @ts-expect-error not every animal is a dog
    const _down: ReceiveChan<Dog> = animals;
  }
});

testWithin("law 51: SendChan is contravariant", () => {
  function _use(dogs: SendChan<Dog>, animals: SendChan<Animal>, chan: Chan<Animal>): void {
    const _down: SendChan<Dog> = animals;
    const _fromChan: SendChan<Dog> = chan;
    // @ts-expect-error a channel of dogs takes no other animal
    const _up: SendChan<Animal> = dogs;
    // @ts-expect-error nor does the whole channel
    const _fromDogs: SendChan<Animal> = new Chan<Dog>();
  }
});

testWithin("law 51: Chan is invariant", () => {
  function _use(dogs: Chan<Dog>, animals: Chan<Animal>): void {
    // @ts-expect-error it takes no other animal
    const _up: Chan<Animal> = dogs;
    // @ts-expect-error it may give another animal
    const _down: Chan<Dog> = animals;
  }
});

testWithin("a select's result is a union told apart by key and ok", () => {
  async function _use(jobs: ReceiveChan<string>, out: SendChan<number>): Promise<void> {
    const got = await select({
      job: receiveFrom(jobs),
      out: sendTo(out, 1),
      late: after(1),
      page: settled(Promise.resolve(new Date())),
    });
    assertType<IsExact<typeof got.key, "job" | "out" | "late" | "page">>(true);
    switch (got.key) {
      case "job":
        assertType<IsExact<typeof got.value, string | undefined>>(true);
        if (got.ok) assertType<IsExact<typeof got.value, string>>(true);
        else assertType<IsExact<typeof got.value, undefined>>(true);
        break;
      case "page":
        assertType<IsExact<typeof got.value, Date>>(true);
        break;
      case "late":
      case "out":
        // @ts-expect-error these carry nothing
        got.value;
        break;
      default:
        got satisfies never;
    }
    // @ts-expect-error a channel is not a case
    await select({ jobs });
    // @ts-expect-error a value must fit its channel
    sendTo(out, "one");
  }
});

testWithin("a received value is known once ok is", () => {
  async function _use(chan: ReceiveChan<string>): Promise<void> {
    const [value, ok] = await chan.receive();
    assertType<IsExact<typeof value, string | undefined>>(true);
    if (ok) assertType<IsExact<typeof value, string>>(true);
    const tried = chan.tryReceive();
    assertType<IsExact<typeof tried, Received<string> | undefined>>(true);
  }
});

testWithin("a select over a null channel still knows its type", () => {
  function _use(chan: Chan<string> | null): void {
    const cases = { v: receiveFrom(chan) };
    type Got = Selected<typeof cases>;
    assertType<IsExact<Extract<Got, { ok: true }>["value"], string>>(true);
  }
});
