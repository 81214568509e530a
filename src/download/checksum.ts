/** What computes and compares digests is loaded when it is first needed: it takes 25 ms. */
const native = once(() => import("node:crypto"));
const std = once(() => import("@std/crypto/crypto"));
const comparison = once(() => import("@std/crypto/timing-safe-equal"));

/** What a file's bytes must hash to. */
export interface Checksum {
  /** The algorithm. */
  readonly algorithm: HashAlgorithm;
  /** The digest in lower-case hexadecimal. */
  readonly hex: string;
}

/** An algorithm: the length of its digest, and who computes it. */
interface Algorithm {
  readonly bytes: number;
  /** Its name for the platform's streaming digest. */
  readonly native?: string;
  /** Its name in `@std/crypto`, for those that the platform lacks. */
  readonly std?: "BLAKE3";
}

/** The name of a hash algorithm, as IANA's registry spells it where it has it. */
export type HashAlgorithm =
  | "md5"
  | "sha-1"
  | "sha-224"
  | "sha-256"
  | "sha-384"
  | "sha-512"
  | "sha-512-256"
  | "sha3-256"
  | "sha3-384"
  | "sha3-512"
  | "blake2b"
  | "blake2s"
  | "blake3";

/** What is known of each. */
const ALGORITHMS: Record<HashAlgorithm, Algorithm> = {
  "md5": { bytes: 16, native: "md5" },
  "sha-1": { bytes: 20, native: "sha1" },
  "sha-224": { bytes: 28, native: "sha224" },
  "sha-256": { bytes: 32, native: "sha256" },
  "sha-384": { bytes: 48, native: "sha384" },
  "sha-512": { bytes: 64, native: "sha512" },
  "sha-512-256": { bytes: 32, native: "sha512-256" },
  "sha3-256": { bytes: 32, native: "sha3-256" },
  "sha3-384": { bytes: 48, native: "sha3-384" },
  "sha3-512": { bytes: 64, native: "sha3-512" },
  "blake2b": { bytes: 64, native: "blake2b512" },
  "blake2s": { bytes: 32, native: "blake2s256" },
  "blake3": { bytes: 32, std: "BLAKE3" },
};

/** A digest that is fed piece by piece. */
export interface Hasher {
  /** Adds `bytes`. */
  update(bytes: Uint8Array): void;
  /** The digest of all that was added, in lower-case hexadecimal. Ends the hasher. */
  hex(): string;
}

/**
 * `text` as `ALGORITHM=HEX`, for example `sha-256=9f86d0…`; `sha256` is understood as well.
 *
 * @throws {TypeError} if the algorithm is unknown or the digest has the wrong length.
 *
 * @example
 * ```ts
 * import { parseChecksum } from "@dlm/dlm/download";
 * import { assertEquals } from "@std/assert";
 *
 * const { algorithm, hex } = parseChecksum("MD5=D41D8CD98F00B204E9800998ECF8427E");
 * assertEquals([algorithm, hex], ["md5", "d41d8cd98f00b204e9800998ecf8427e"]);
 * ```
 */
export function parseChecksum(text: string): Checksum {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(at, 0)).trim();
  const algorithm = algorithmOf(name);
  if (!algorithm) {
    const known = Object.keys(ALGORITHMS).join(", ");
    throw new TypeError(`"${name || text}" is not a checksum algorithm; known are ${known}`);
  }
  return checksumOf(algorithm, text.slice(at + 1).trim());
}

/**
 * The checksum of an algorithm.
 *
 * @throws {TypeError} if the digest has the wrong length or isn't hexadecimal.
 */
export function checksumOf(algorithm: HashAlgorithm, hex: string): Checksum {
  const digits = ALGORITHMS[algorithm].bytes * 2;
  if (hex.length !== digits || !/^[0-9a-f]+$/i.test(hex)) {
    throw new TypeError(`a ${algorithm} checksum has ${digits} hexadecimal digits, got "${hex}"`);
  }
  return { algorithm, hex: hex.toLowerCase() };
}

/** The algorithm that `name` means, in any case, with or without its hyphens. */
export function algorithmOf(name: string): HashAlgorithm | undefined {
  const plain = plainName(name);
  const names = Object.keys(ALGORITHMS) as HashAlgorithm[];
  return names.find((algorithm) => plainName(algorithm) === (ALIASES[plain] ?? plain));
}

/** The algorithm whose digests commonly stand alone in a list, told by their length. */
export function algorithmOfLength(digits: number): HashAlgorithm | undefined {
  const common: HashAlgorithm[] = ["md5", "sha-1", "sha-224", "sha-256", "sha-384", "sha-512"];
  return common.find((algorithm) => ALGORITHMS[algorithm].bytes * 2 === digits);
}

/** From weak to strong; MD5 and SHA-1 only tell accidents. Of equals, the ones hashed faster win. */
const BY_STRENGTH: readonly HashAlgorithm[] = [
  "md5",
  "sha-1",
  "sha-224",
  "blake2s",
  "blake3",
  "sha3-256",
  "sha-512-256",
  "sha-256",
  "sha3-384",
  "sha-384",
  "blake2b",
  "sha3-512",
  "sha-512",
];

/** The checksum that is hardest to forge; `undefined` if there is none. */
export function strongest(checksums: Iterable<Checksum>): Checksum | undefined {
  const strength = ({ algorithm }: Checksum) => BY_STRENGTH.indexOf(algorithm);
  return [...checksums].sort((one, other) => strength(other) - strength(one))[0];
}

const ALIASES: Record<string, string> = {
  sha: "sha1",
  blake2b512: "blake2b",
  blake2s256: "blake2s",
};

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_/]/g, "");
}

/** What the platform calls `algorithm`; `undefined` for one that it doesn't have. */
export function nativeName(algorithm: HashAlgorithm): string | undefined {
  return ALGORITHMS[algorithm].native;
}

/** A new digest of `algorithm`; `undefined` for one that can only read a whole file. */
export async function createHasher(algorithm: HashAlgorithm): Promise<Hasher | undefined> {
  const { native: name } = ALGORITHMS[algorithm];
  if (name === undefined) return undefined;
  const hash = (await native()).createHash(name);
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
  };
}

/** Larger reads mean fewer turns of the event loop. */
const BUFFER_BYTES = 1024 * 1024;

/**
 * The digest of the file at `path`, in lower-case hexadecimal, read once from beginning to end.
 * `onBytes` is told how many more bytes have been read.
 *
 * @throws the signal's reason when it aborts.
 */
export async function hashFile(
  path: string,
  algorithm: HashAlgorithm,
  signal?: AbortSignal,
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const { std: name } = ALGORITHMS[algorithm];
  if (name !== undefined) {
    const { subtle } = (await std()).crypto;
    return new Uint8Array(await subtle.digest(name, pieces(path, signal, onBytes))).toHex();
  }
  const hasher = (await createHasher(algorithm))!;
  for await (const piece of pieces(path, signal, onBytes)) hasher.update(piece);
  return hasher.hex();
}

/** The bytes of a file, in a buffer that is used again for each piece. */
async function* pieces(
  path: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let size = await file.read(buffer); size !== null; size = await file.read(buffer)) {
    signal?.throwIfAborted();
    yield buffer.subarray(0, size);
    onBytes(size);
  }
}

/** Whether two digests are the same, in a time that doesn't depend on where they differ. */
export async function sameDigest(a: string, b: string): Promise<boolean> {
  if (a.length !== b.length) return false;
  const { timingSafeEqual } = await comparison();
  const encoder = new TextEncoder();
  return timingSafeEqual(encoder.encode(a.toLowerCase()), encoder.encode(b.toLowerCase()));
}

/** Calls `load` at the first call only. */
function once<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loaded: Promise<Module> | undefined;
  return () => loaded ??= load();
}
