/** A source file by its path from the top of the repository, such as `src/chan/chan.ts`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a folder of `src/` may import. */
interface FolderRule {
  /** Other folders, each through its `mod.ts`. */
  readonly folders: readonly string[];
  /** Other folders that may be imported for their types only. */
  readonly types?: readonly string[];
  /** How the packages' names may begin. */
  readonly packages?: readonly string[];
}

const STANDARD_LIBRARY = ["@std/"];

/** The folders, lowest first; each imports only what is above it. */
export const FOLDERS: Readonly<Record<string, FolderRule>> = {
  clock: { folders: [] },
  chan: { folders: ["clock"] },
  limiter: { folders: ["clock", "chan"] },
  resilience: { folders: ["clock"] },
  pool: { folders: ["chan", "clock"] },
  pipeline: { folders: ["chan", "pool", "limiter", "resilience", "clock"] },
  shutdown: { folders: ["chan", "clock"] },
  download: {
    folders: ["clock", "chan", "limiter", "resilience", "pool", "pipeline", "shutdown"],
    packages: [...STANDARD_LIBRARY, "node:"],
  },
  display: { folders: [], types: ["download"], packages: [...STANDARD_LIBRARY, "node:"] },
  cli: {
    folders: [
      "clock",
      "chan",
      "limiter",
      "resilience",
      "pool",
      "pipeline",
      "shutdown",
      "download",
      "display",
    ],
    packages: [...STANDARD_LIBRARY, "@cliffy/"],
  },
};

/** The folders that make up the library, which imports nothing but itself. */
const LIBRARY = ["clock", "chan", "limiter", "resilience", "pool", "pipeline", "shutdown"];

/** What stands at the top of the repository beside dotfiles. */
const TOP_LEVEL = [
  "LICENSE",
  "README.md",
  "deno.json",
  "fixtures",
  "main.ts",
  "mod.ts",
  "src",
  "tests",
];

/** Things of the platform that only one place may touch. */
const RESERVED: readonly { names: readonly string[]; place: string }[] = [
  { names: ["fetch", "globalThis.fetch", "self.fetch"], place: "src/download/transport.ts" },
  {
    names: ["Deno.stdout", "Deno.stderr", "console", "process.stdout", "process.stderr"],
    place: "src/display/",
  },
  { names: ["Deno.exit", "Deno.exitCode", "Deno.args", "process.exit"], place: "main.ts" },
];

/** Everything in these files that the layout forbids, a line each. */
export function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const { imports, names } = parse(file);
    return [
      ...imports.flatMap((one) => importViolation(file.path, one) ?? []),
      ...reservedViolations(file.path, names),
    ].map((violation) => `${file.path}: ${violation}`);
  });
}

/** The entries of the top folder that don't belong there, apart from what git ignores. */
export function strangers(entries: readonly string[], gitignore: string): string[] {
  const ignored = gitignore.split("\n").map((line) => line.replaceAll("/", ""));
  return entries.filter((name) =>
    !name.startsWith(".") && !TOP_LEVEL.includes(name) && !ignored.includes(name)
  );
}

/** The files that nobody imports, directly or through others, from these roots. */
export function orphans(files: readonly SourceFile[], roots: readonly string[]): string[] {
  const reached = new Set<string>();
  const follow = (path: string) => {
    const file = files.find((one) => one.path === path);
    if (!file || reached.has(path)) return;
    reached.add(path);
    for (const { specifier } of parse(file).imports) {
      if (specifier?.startsWith(".")) follow(resolve(path, specifier));
    }
  };
  roots.forEach(follow);
  return files.map(({ path }) => path).filter((path) => !reached.has(path));
}

interface Import {
  /** What is imported; undefined when it is computed. */
  readonly specifier: string | undefined;
  readonly typeOnly: boolean;
}

function importViolation(path: string, { specifier, typeOnly }: Import): string | undefined {
  if (specifier === undefined) return "computes what it imports";
  const folder = folderOf(path);
  if (!specifier.startsWith(".")) return packageViolation(folder, specifier);
  const target = resolve(path, specifier);
  const targetFolder = folderOf(target);
  if (folder === "cli" && target === "deno.json") return undefined;
  if (folder !== undefined && folder === targetFolder) {
    return target === `src/${folder}/mod.ts` ? "imports the face of its own folder" : undefined;
  }
  if (targetFolder === undefined) return `imports ${specifier}, which is no folder of src/`;
  if (target !== `src/${targetFolder}/mod.ts`) {
    return `imports ${specifier}, past the mod.ts of ${targetFolder}`;
  }
  if (allows(path, folder, targetFolder, typeOnly)) return undefined;
  const types = folder !== undefined && FOLDERS[folder]?.types?.includes(targetFolder);
  return types ? `imports more than types from ${targetFolder}` : `may not import ${targetFolder}`;
}

function allows(
  path: string,
  folder: string | undefined,
  target: string,
  typeOnly: boolean,
): boolean {
  if (path === "mod.ts") return LIBRARY.includes(target);
  if (path === "main.ts") return target === "cli";
  const rule = folder === undefined ? undefined : FOLDERS[folder];
  return rule !== undefined &&
    (rule.folders.includes(target) || (typeOnly && (rule.types?.includes(target) ?? false)));
}

function packageViolation(folder: string | undefined, specifier: string): string | undefined {
  const packages = folder === undefined ? [] : FOLDERS[folder]?.packages ?? [];
  return packages.some((prefix) => specifier.startsWith(prefix))
    ? undefined
    : `may not import the package ${specifier}`;
}

function reservedViolations(path: string, names: readonly string[]): string[] {
  return RESERVED.filter(({ place }) => path !== place && !isWithin(path, place))
    .flatMap(({ names: reserved, place }) =>
      reserved.filter((name) => names.includes(name)).map((name) =>
        `uses ${name}, which only ${place} may`
      )
    );
}

function isWithin(path: string, place: string): boolean {
  return place.endsWith("/") && path.startsWith(place);
}

function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** What a file imports, and which names of the platform it uses, as the linter's parser sees it. */
function parse({ path, text }: SourceFile): { imports: Import[]; names: string[] } {
  const imports: Import[] = [];
  const names: string[] = [];
  const rule: Deno.lint.Rule = {
    create: () => ({
      ImportDeclaration: ({ source, importKind, specifiers }) => {
        const typeOnly = importKind === "type" || (specifiers.length > 0 &&
          specifiers.every((one) => one.type === "ImportSpecifier" && one.importKind === "type"));
        imports.push({ specifier: source.value, typeOnly });
      },
      ExportAllDeclaration: ({ source, exportKind }) => {
        imports.push({ specifier: source.value, typeOnly: exportKind === "type" });
      },
      ExportNamedDeclaration: ({ source, exportKind, specifiers }) => {
        if (!source) return;
        const typeOnly = exportKind === "type" || (specifiers.length > 0 &&
          specifiers.every((one) => one.exportKind === "type"));
        imports.push({ specifier: source.value, typeOnly });
      },
      ImportExpression: ({ source }) => {
        const literal = source.type === "Literal" && typeof source.value === "string";
        imports.push({ specifier: literal ? source.value : undefined, typeOnly: false });
      },
      TSImportType: ({ argument }) => {
        const literal = argument.type === "TSLiteralType" && "value" in argument.literal
          ? argument.literal.value
          : undefined;
        imports.push({
          specifier: typeof literal === "string" ? literal : undefined,
          typeOnly: true,
        });
      },
      Identifier: (node) => names.push(...usesOf(node)),
      MemberExpression: (node) => names.push(...memberNames(node)),
      VariableDeclarator: (node) => names.push(...takenNames(node)),
    }),
  };
  Deno.lint.runPlugin({ name: "architecture", rules: { collect: rule } }, path, text);
  return { imports, names };
}

/** The name itself, unless it only names a member of something. */
function usesOf(node: Deno.lint.Identifier): string[] {
  const { name, parent } = node;
  const isMember = parent.type === "MemberExpression" && parent.property === node &&
    !parent.computed;
  const isKey = "key" in parent && parent.key === node &&
    !(parent.type === "Property" && parent.shorthand);
  return isMember || isKey ? [] : [name];
}

/** `Deno.exit`, also when it is written `Deno["exit"]` or `globalThis.Deno.exit`. */
function memberNames({ object, property }: Deno.lint.MemberExpression): string[] {
  const member = property.type === "Literal" ? `${property.value}` : identifierName(property);
  const owner = object.type === "MemberExpression"
    ? identifierName(object.property)
    : identifierName(object);
  return owner !== undefined && member !== undefined ? [`${owner}.${member}`] : [];
}

/** `Deno.exit` for `const { exit } = Deno`. */
function takenNames({ id, init }: Deno.lint.VariableDeclarator): string[] {
  const owner = init === null ? undefined : identifierName(init);
  if (owner === undefined || id.type !== "ObjectPattern") return [];
  return id.properties.flatMap((property) => {
    const name = property.type === "Property" ? identifierName(property.key) : undefined;
    return name === undefined ? [] : [`${owner}.${name}`];
  });
}

function identifierName(node: Deno.lint.Node): string | undefined {
  return node.type === "Identifier" ? node.name : undefined;
}
