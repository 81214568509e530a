/** What is called with a path. */
const BY_PATH = [
  "chmod",
  "chown",
  "copyFile",
  "create",
  "link",
  "lstat",
  "mkdir",
  "open",
  "readDir",
  "readFile",
  "readLink",
  "readTextFile",
  "realPath",
  "remove",
  "rename",
  "stat",
  "symlink",
  "truncate",
  "utime",
  "writeFile",
  "writeTextFile",
];

/** What is called on an open file. */
const BY_HANDLE = [
  "lock",
  "read",
  "seek",
  "stat",
  "sync",
  "syncData",
  "truncate",
  "tryLock",
  "unlock",
  "utime",
  "write",
];

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * How often each function that has to do with files is called in the whole process while `work`
 * goes on: `open` with a path, `file.write` on an open one. Whether a call waits in its thread or in
 * another makes no difference.
 */
export async function fileCalls(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const calls: Record<string, number> = {};
  using undo = new DisposableStack();
  const count = (owner: object, method: string, name: string) => {
    const methods = owner as Record<string, Method>;
    const original = methods[method];
    if (!original) throw new Error(`there is no ${method} to count`);
    methods[method] = function (...args) {
      calls[name] = (calls[name] ?? 0) + 1;
      return original.apply(this, args);
    };
    undo.defer(() => methods[method] = original);
  };
  const countBoth = (owner: object, name: string, prefix = "") => {
    for (const method of [name, `${name}Sync`]) count(owner, method, prefix + name);
  };
  for (const name of BY_PATH) countBoth(Deno, name);
  for (const name of BY_HANDLE) countBoth(Deno.FsFile.prototype, name, "file.");
  count(Deno.FsFile.prototype, "close", "file.close");
  await work();
  return calls;
}
