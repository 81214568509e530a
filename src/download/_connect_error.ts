import { DownloadError } from "./errors.ts";

/** One way in which a connection fails: how the runtime puts it, and how a user understands it. */
interface Reason {
  readonly pattern: RegExp;
  readonly message: string;
  readonly advice?: string;
  /** Whether a later attempt may fare better. Default: true. */
  readonly retryable?: boolean;
}

/** What is said of a port that browsers, and `fetch` with them, keep away from. */
export const RESERVED_PORT = "that port is reserved for another protocol";

/** First match wins. The runtime gives no codes here, and its words differ between versions. */
const REASONS: readonly Reason[] = [
  {
    pattern: /^requires net access/i,
    message: "the program is not allowed to reach that host",
    advice: "run it with --allow-net",
    retryable: false,
  },
  {
    pattern: /dns error|failed to lookup address|ENOTFOUND|EAI_AGAIN/i,
    message: "the host name cannot be resolved",
    advice: "check the address and the network",
  },
  {
    pattern: /connection refused|ECONNREFUSED/i,
    message: "connection refused",
    advice: "check the host and port, or try again later",
  },
  {
    pattern: /unreachable|EHOSTUNREACH|ENETUNREACH/i,
    message: "the network or host is unreachable",
    advice: "check the network",
  },
  { pattern: /timed out|ETIMEDOUT/i, message: "connection timeout", advice: "try again later" },
  {
    pattern:
      /reset|broken pipe|closed|incomplete message|error reading a body|end of file|handshake eof|disconnected before|EPIPE/i,
    message: "the server closed the connection",
    advice: "try again later",
  },
  {
    pattern: /alert: (certificate_?required|bad_?certificate|unknown_?ca)/i,
    message: "the server does not accept who asks",
    advice: "give the certificate that it knows with --cert and --key",
    retryable: false,
  },
  {
    pattern: /certificate|UnknownIssuer|NotValidForName|CertExpired/i,
    message: "the server's certificate is not trusted",
    retryable: false,
  },
  {
    pattern: /InvalidContentType|corrupt message|tls|ssl|handshake/i,
    message: "no TLS connection is possible",
    advice: "check that the address should start with https",
    retryable: false,
  },
  {
    pattern: /requests to port \d+ are blocked/i,
    message: RESERVED_PORT,
    advice: "check the address",
    retryable: false,
  },
  {
    pattern: /invalid HTTP|parse|invalid header|message head is too large|too many headers/i,
    message: "the server does not answer in HTTP",
    advice: "check the address",
  },
];

/** The failure that stands behind an error thrown by `fetch` before there was an answer. */
export function connectError(error: unknown): DownloadError {
  const text = errorText(error);
  const reason = REASONS.find(({ pattern }) => pattern.test(text));
  return new DownloadError("connect", reason?.message ?? withoutPrefix(text), {
    cause: error,
    retryable: reason?.retryable ?? true,
    advice: reason?.advice,
  });
}

/** Versions put the details into the message or into the cause's; both are read. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}

function withoutPrefix(text: string): string {
  return text.replace(/^.*client error \(\w+\): /s, "");
}
