import { answer, RawServer } from "./raw_server.ts";

/** A server that has a file at every path but those that begin with `/gone`: the path itself. */
export function echoServer(): RawServer {
  return new RawServer(({ path }, connection) =>
    connection.write(
      path.startsWith("/gone") ? answer("no", { status: "404 Not Found" }) : answer(path),
    )
  );
}
