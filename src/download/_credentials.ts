import type { Login } from "./netrc.ts";

/** The login that a URL names, decoded; `undefined` if it names none. */
export function loginOf({ username, password }: URL): Login | undefined {
  if (!username && !password) return undefined;
  return { username: decoded(username), password: decoded(password) };
}

/** What is no proper escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URL without its login; itself if it has none. */
export function withoutLogin(url: URL): URL {
  if (!url.username && !url.password) return url;
  const plain = new URL(url);
  plain.username = plain.password = "";
  return plain;
}

/** What proves a login in an `Authorization` or `Proxy-Authorization` field (RFC 7617). */
export function basic({ username, password }: Login): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}
