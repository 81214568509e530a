/**
 * Files are read, transformed by several workers, and written, all at the same time.
 *
 * A file that can't be read is an error that comes out at the end; the others go on. Buffers keep
 * no more than a few files in memory, however many there are.
 */
import { pipeline } from "@dlm/dlm";

interface TextFile {
  readonly name: string;
  readonly text: string;
}

const folder = await Deno.makeTempDir();
for (const name of ["a", "b", "c", "d"]) {
  await Deno.writeTextFile(`${folder}/${name}.txt`, `contents of ${name}\n`.repeat(3));
}

async function read(name: string): Promise<TextFile> {
  return { name, text: await Deno.readTextFile(`${folder}/${name}.txt`) };
}

function transform({ name, text }: TextFile): TextFile {
  return { name, text: text.toUpperCase() };
}

async function write({ name, text }: TextFile): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}.out`, text);
  return `${name}.out: ${text.split("\n")[0]}`;
}

const results = pipeline(["a", "b", "missing", "c", "d"])
  .map("read", read, { workers: 2, ordered: true, buffer: 4 })
  .map("transform", transform)
  .map("write", write, { workers: 2, ordered: true })
  .results();

for await (const result of results) {
  if (result.ok) console.log(result.value);
  else console.log(`stage ${result.error.stage} failed for ${result.error.value}`);
}
await Deno.remove(folder, { recursive: true });
