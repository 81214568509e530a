/**
 * What somebody writes who needs files and has no download manager: `fetch_loop.ts LIST DIR N`. No
 * part files, no retries, no check of what came.
 */
const [list = "", dir = "", width = "16"] = Deno.args;
const urls = Deno.readTextFileSync(list).trimEnd().split("\n").values();
await Promise.all(Array.from({ length: Number(width) }, async () => {
  for (const url of urls) {
    const { body } = await fetch(url);
    const file = await Deno.create(`${dir}/${url.slice(url.lastIndexOf("/") + 1)}`);
    await body!.pipeTo(file.writable);
  }
}));
