import { basic, loginOf } from "./_credentials.ts";
import { HttpConnection, type Wire } from "./_http_connection.ts";
import { statusName } from "./_status.ts";
import { DownloadError } from "./errors.ts";

/** The answer to CONNECT is short. */
const BUFFER = 64 * 1024;

/**
 * Has a proxy connect `wire` to the server of `url` (RFC 9110 §9.3.6). The login of the proxy goes
 * to the proxy only; what follows in the tunnel is between the two ends.
 *
 * @throws {DownloadError} `http` if the proxy refuses, `connect` if it does not answer in HTTP.
 */
export async function openTunnel(wire: Wire, url: URL, proxy: URL): Promise<void> {
  const target = `${url.hostname}:${url.port || 443}`;
  const login = loginOf(proxy);
  const fields = [
    `host: ${target}`,
    ...(login ? [`proxy-authorization: ${basic(login)}`] : []),
  ];
  const connection = new HttpConnection(wire, BUFFER);
  const head = `CONNECT ${target} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`;
  await connection.send(new TextEncoder().encode(head));
  const answer = await connection.head().catch((error) => {
    throw connection.isAnswered ? notAProxy(error) : error;
  });
  if (!answer) {
    throw new DownloadError("connect", "the proxy closed the connection", { retryable: true });
  }
  const { status } = answer;
  if (status < 300) {
    if (connection.buffered > 0) throw notAProxy(); // in TLS it is the server who waits
    return;
  }
  throw new DownloadError("http", `the proxy answered ${statusName(status)}`, {
    status,
    retryable: status >= 500,
    advice: status === 407 ? PROXY_LOGIN_ADVICE : "check the proxy",
  });
}

function notAProxy(cause?: unknown): DownloadError {
  return new DownloadError("connect", "the proxy does not answer as one", {
    cause,
    retryable: true,
    advice: "check the proxy",
  });
}

/** What helps when a proxy wants to know who asks. */
export const PROXY_LOGIN_ADVICE = "give the proxy's login as in --proxy http://NAME:PASSWORD@HOST";
