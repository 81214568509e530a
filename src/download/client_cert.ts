import { createPrivateKey, X509Certificate } from "node:crypto";

/** What proves to a server who we are: a certificate and its private key, in PEM format. */
export interface ClientCert {
  /** The certificate, with those of intermediate authorities behind it. */
  readonly cert: string;
  /** Its key, not encrypted. */
  readonly key: string;
}

/**
 * Checks that a certificate and a key can be read and belong together. Some versions of the runtime
 * crash over those that don't.
 *
 * @throws {TypeError} saying which of them is wrong.
 *
 * @example
 * ```ts
 * import { parseClientCert } from "@dlm/dlm/download";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseClientCert("no certificate", "no key"), TypeError);
 * ```
 */
export function parseClientCert(cert: string, key: string): ClientCert {
  const certificate = attempt("the certificate can't be read", () => new X509Certificate(cert));
  const privateKey = attempt(
    "the key can't be read; an encrypted one can't be used",
    () => createPrivateKey(key),
  );
  if (certificate.checkPrivateKey(privateKey)) return { cert, key };
  throw new TypeError("the key is not that of the certificate");
}

function attempt<T>(message: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new TypeError(message, { cause });
  }
}
