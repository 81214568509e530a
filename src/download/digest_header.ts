import type { Fields } from "./_http_head.ts";
import { algorithmOf, type Checksum, checksumOf, strongest } from "./checksum.ts";

/**
 * The strongest digest of the whole file that a server's headers carry: `Repr-Digest` (RFC 9530,
 * `sha-256=:base64:`), or the older `Digest` (RFC 3230, `SHA-256=base64`).
 *
 * `undefined` without a usable one. What can't be read is passed over.
 */
export function digestOf(headers: Fields): Checksum | undefined {
  const found = new Map<string, Checksum>();
  for (const field of (headers.get("digest") ?? "").split(",")) {
    note(found, field, /^([^=]+)=(.+)$/);
  }
  for (const field of (headers.get("repr-digest") ?? "").split(",")) {
    note(found, field, /^([^=]+)=:([^:]*):/);
  }
  return strongest(found.values());
}

function note(found: Map<string, Checksum>, field: string, pattern: RegExp): void {
  const [, name, value] = pattern.exec(field.trim()) ?? [];
  const algorithm = name && algorithmOf(name.trim());
  if (!algorithm || !value) return;
  try {
    found.set(algorithm, checksumOf(algorithm, Uint8Array.fromBase64(value.trim()).toHex()));
  } catch {
    // Not base64, or not as long as the algorithm's digests.
  }
}
