/**
 * The download manager as a library: requests in, files and events out.
 *
 * @module
 */

export {
  type Checksum,
  type HashAlgorithm,
  hashFile,
  parseChecksum,
  sameDigest,
} from "./checksum.ts";
export { checkClientCert, type ClientCert } from "./client_cert.ts";
export { CookieFile } from "./cookies.ts";
export { nameFromDisposition } from "./disposition.ts";
export { DownloadError, type DownloadErrorOptions, type FailureKind } from "./errors.ts";
export type {
  CancelledEvent,
  CancellingEvent,
  CompletedEvent,
  DownloadEvent,
  DrainingEvent,
  FailedEvent,
  FileProgress,
  FileRef,
  FinishedEvent,
  HostPausedEvent,
  HostResumedEvent,
  ProgressEvent,
  QueuedEvent,
  RejectedEvent,
  RetryingEvent,
  SkippedEvent,
  StartedEvent,
  Summary,
} from "./events.ts";
export { FileHasher, type HashFileOptions } from "./file_hasher.ts";
export type { IfExists } from "./if_exists.ts";
export { DownloadManager } from "./manager.ts";
export { readMetalink } from "./metalink.ts";
export type { DownloadManagerOptions, Requests } from "./options.ts";
export type { StageFigures } from "./_stages.ts";
export { nameFromUrl, safeName, safePath } from "./naming.ts";
export { type DownloadRequest, parseUrl, redactUrl } from "./request.ts";
export { readRequestList } from "./request_list.ts";
export { type Login, Netrc } from "./netrc.ts";
export { parseSums, type SumLine } from "./sums.ts";
export type { ConnectionOptions } from "./transport.ts";
export { type ByteChunks, ListError, parseHeader, readUrlList } from "./url_list.ts";
