/**
 * What `work` does to files in the whole process, in the order in which it is done: files and
 * folders that are put on the disk, names that are given and taken.
 */
export async function operations(work: () => Promise<void>): Promise<string[]> {
  const done: string[] = [];
  const { sync, syncData, syncDataSync } = Deno.FsFile.prototype;
  const { renameSync, linkSync, removeSync } = Deno;
  const name = (path: string | URL) => `${path}`.replace(/^.*\//, "");
  Deno.FsFile.prototype.sync = async function () {
    const { isDirectory } = await this.stat();
    await sync.call(this);
    done.push(isDirectory ? "sync folder" : "sync");
  };
  Deno.FsFile.prototype.syncData = async function () {
    await syncData.call(this);
    done.push("sync");
  };
  Deno.FsFile.prototype.syncDataSync = function () {
    syncDataSync.call(this);
    done.push("sync");
  };
  Deno.renameSync = (from, to) => {
    renameSync(from, to);
    done.push(`${name(from)} -> ${name(to)}`);
  };
  Deno.linkSync = (from, to) => {
    linkSync(from, to);
    done.push(`${name(from)} = ${name(to)}`);
  };
  Deno.removeSync = (path, options) => {
    removeSync(path, options);
    done.push(`no ${name(path)}`);
  };
  try {
    await work();
  } finally {
    Object.assign(Deno.FsFile.prototype, { sync, syncData, syncDataSync });
    Object.assign(Deno, { renameSync, linkSync, removeSync });
  }
  return done;
}
