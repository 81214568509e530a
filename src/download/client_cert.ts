/** What proves to a server who we are: a certificate and its private key, in PEM format. */
export interface ClientCert {
  /** The certificate, with those of intermediate authorities behind it. */
  readonly cert: string;
  /** Its key, not encrypted. */
  readonly key: string;
}

/**
 * Resolves if a certificate and a key can be read and belong together. Some versions of the runtime
 * crash over those that don't.
 *
 * @throws {TypeError} saying which of them is wrong.
 *
 * @example
 * ```ts
 * import { checkClientCert } from "@dlm/dlm/download";
 * import { assertRejects } from "@std/assert";
 *
 * const wrong = { cert: "no certificate", key: "no key" };
 * await assertRejects(() => checkClientCert(wrong), TypeError);
 * ```
 */
export async function checkClientCert({ cert, key }: ClientCert): Promise<void> {
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  const certificate = attempt("the certificate can't be read", () => new X509Certificate(cert));
  const privateKey = attempt(
    "the key can't be read; an encrypted one can't be used",
    () => createPrivateKey(key),
  );
  if (certificate.checkPrivateKey(privateKey)) return;
  throw new TypeError("the key is not that of the certificate");
}

function attempt<T>(message: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new TypeError(message, { cause });
  }
}
