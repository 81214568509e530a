import { assert, assertEquals } from "@std/assert";
import * as fc from "npm:fast-check@^4.0.0";
import { HashSet } from "../../src/download/_hash_set.ts";

Deno.test("a hash set holds what was added and nothing else, as a Set does", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary", maxLength: 8 })), (texts) => {
    const ours = new HashSet();
    const model = new Set<string>();
    for (const text of texts) {
      assertEquals(ours.add(text), !model.has(text));
      model.add(text);
    }
    assertEquals(ours.size, model.size);
  }));
});

Deno.test("a hash set tells 100,000 similar strings apart", () => {
  const set = new HashSet();
  for (let i = 0; i < 100_000; i++) assert(set.add(`http://host/file${i}.bin`));
  for (let i = 0; i < 100_000; i += 97) assert(!set.add(`http://host/file${i}.bin`));
});
