/** A folder that is removed with everything in it. */
export class TempDir implements AsyncDisposable {
  readonly path: string;

  constructor() {
    this.path = Deno.makeTempDirSync({ prefix: "dlm-test-" });
  }

  /** The path of something in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(this.file(name), bytes);
    return this.file(name);
  }

  /** The text of a file. */
  read(name: string): string {
    return Deno.readTextFileSync(this.file(name));
  }

  /** The names in it, sorted. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  /** Every file in it and below, with its text; folders end in `/`, links say where to. */
  tree(below = ""): Record<string, string> {
    const tree: Record<string, string> = {};
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(this.file(below))) {
      const path = below + name;
      if (isSymlink) tree[path] = `-> ${Deno.readLinkSync(this.file(path))}`;
      else if (isDirectory) Object.assign(tree, { [`${path}/`]: "" }, this.tree(`${path}/`));
      else tree[path] = this.read(path);
    }
    return tree;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
