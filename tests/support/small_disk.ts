import { TempDir } from "./temp_dir.ts";

/** A disk of its own with little room, in memory. Only root can have one. */
export class SmallDisk implements AsyncDisposable {
  readonly #dir = new TempDir();

  constructor(bytes: number) {
    mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", this.path);
  }

  get path(): string {
    return this.#dir.path;
  }

  file(name: string): string {
    return this.#dir.file(name);
  }

  names(): string[] {
    return this.#dir.names();
  }

  /** Gives it another size. */
  resize(bytes: number): void {
    mount("-o", `remount,size=${bytes}`, this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    run("umount", [this.path]);
    await this.#dir[Symbol.asyncDispose]();
  }
}

function mount(...args: string[]): void {
  run("mount", args);
}

function run(program: string, args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
