/** Lists are read in pieces of this size. */
const CHUNK_BYTES = 64 * 1024;

/** The bytes of a file from where it stands, piece by piece; it is closed at the end. */
export async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  using _file = file;
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const size = await file.read(chunk);
    if (size === null) return;
    yield chunk.subarray(0, size);
  }
}
