import { assertEquals } from "@std/assert";
import { connectError } from "../../src/download/_connect_error.ts";

const CLOSED = "the server closed the connection";

/** As the runtime's versions, and Node's interface of it, put it. */
const errors: [text: string, message: string, retryable: boolean][] = [
  [
    'Requires net access to "a:80", run again with the --allow-net flag',
    "the program is not allowed to reach that host",
    false,
  ],
  ["Connection refused (os error 111)", "connection refused", true],
  ["connect ECONNREFUSED 127.0.0.1:1", "connection refused", true],
  ["getaddrinfo ENOTFOUND a.invalid", "the host name cannot be resolved", true],
  ["connect ETIMEDOUT 127.0.0.1:1", "connection timeout", true],
  ["connect EHOSTUNREACH 127.0.0.1:1", "the network or host is unreachable", true],
  ["Connection reset by peer (os error 104)", CLOSED, true],
  ["read ECONNRESET", CLOSED, true],
  ["write EPIPE", CLOSED, true],
  ["peer closed connection without sending TLS close_notify: https://docs.rs/x", CLOSED, true],
  ["unexpected end of file", CLOSED, true],
  ["client error (Connect): tls handshake eof", CLOSED, true],
  ["Client network socket disconnected before secure TLS connection was established", CLOSED, true],
  ["invalid peer certificate: UnknownIssuer", "the server's certificate is not trusted", false],
  ["received fatal alert: HandshakeFailure", "no TLS connection is possible", false],
  ["received corrupt message of type InvalidContentType", "no TLS connection is possible", false],
  ["received fatal alert: CertificateRequired", "the server does not accept who asks", false],
  ["received fatal alert: UnknownCA", "the server does not accept who asks", false],
];

for (const [text, message, retryable] of errors) {
  Deno.test(`"${text}" is understood`, () => {
    const error = connectError(new Error(text));
    assertEquals([error.kind, error.message, error.retryable], ["connect", message, retryable]);
  });
}
