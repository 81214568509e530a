import { createHash, timingSafeEqual } from "node:crypto";

/** What a file's bytes must hash to. */
export interface Checksum {
  /** The algorithm. */
  readonly algorithm: HashAlgorithm;
  /** The digest in lower-case hexadecimal. */
  readonly hex: string;
}

/** The algorithms that can be checked, with the length of their digest in bytes. */
const DIGEST_BYTES = {
  "md5": 16,
  "sha-1": 20,
  "sha-224": 28,
  "sha-256": 32,
  "sha-384": 48,
  "sha-512": 64,
} as const;

/** The name of a hash algorithm, as IANA's registry spells it. */
export type HashAlgorithm = keyof typeof DIGEST_BYTES;

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
 */
export function parseChecksum(text: string): Checksum {
  const [name = "", hex = ""] = text.split("=", 2).map((part) => part.trim());
  const algorithm = algorithmOf(name);
  if (!algorithm) {
    const known = Object.keys(DIGEST_BYTES).join(", ");
    throw new TypeError(`"${name}" is not a checksum algorithm; known are ${known}`);
  }
  const digits = DIGEST_BYTES[algorithm] * 2;
  if (hex.length !== digits || !/^[0-9a-f]+$/i.test(hex)) {
    throw new TypeError(`a ${algorithm} checksum has ${digits} hexadecimal digits, got "${hex}"`);
  }
  return { algorithm, hex: hex.toLowerCase() };
}

/** The algorithm that `name` means, in any case, with or without its hyphen. */
export function algorithmOf(name: string): HashAlgorithm | undefined {
  const plain = name.toLowerCase().replaceAll("-", "");
  for (const algorithm in DIGEST_BYTES) {
    if (algorithm.replaceAll("-", "") === plain) return algorithm as HashAlgorithm;
  }
  return undefined;
}

/** A new digest of `algorithm`. */
export function createHasher(algorithm: HashAlgorithm): Hasher {
  const hash = createHash(algorithm.replace("-", ""));
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
  };
}

/** The digest of the file at `path`, read once; ends early with the signal's reason. */
export async function hashFile(
  path: string,
  algorithm: HashAlgorithm,
  signal?: AbortSignal,
): Promise<string> {
  const hasher = createHasher(algorithm);
  using file = await Deno.open(path);
  const buffer = new Uint8Array(256 * 1024);
  for (let size = await file.read(buffer); size !== null; size = await file.read(buffer)) {
    signal?.throwIfAborted();
    hasher.update(buffer.subarray(0, size));
  }
  return hasher.hex();
}

/** Whether two digests are the same, in a time that doesn't depend on where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a.toLowerCase()), encoder.encode(b.toLowerCase())];
  return left.length === right.length && timingSafeEqual(left, right);
}
