import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How the answer to a push that was carried out gets lost, over HTTP. */
export const pushShapes = [
  "status 503",
  "status 500",
  "reset",
  "no answer",
  "cut in the middle",
  "a page",
  "another content type",
  "empty",
  "redirect",
] as const;

export type PushShape = (typeof pushShapes)[number];

export interface GitServer {
  /** Ends with a slash; the repositories are below it. */
  readonly url: string;
  /** How many answers were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** The repositories of a folder by git's own `http-backend`; the answer to the first push is lost, after the push. */
export async function serveGit(root: string, shape: PushShape): Promise<GitServer> {
  let lost = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await backend(root, request);
      const isPush = request.method === "POST" && request.url?.endsWith("/git-receive-pack") === true;
      if (isPush && lost++ === 0) spoil(shape, answer, response);
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    lost: () => lost,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

function spoil(shape: PushShape, { headers, body }: Answer, response: ServerResponse): void {
  const end = {
    "status 503": () => response.writeHead(503).end(),
    "status 500": () => response.writeHead(500).end("the server failed"),
    reset: () => response.socket?.resetAndDestroy(),
    "no answer": () => undefined,
    "cut in the middle": () => {
      response.writeHead(200, { ...headers, "content-length": String(body.length) });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
    },
    "a page": () => response.writeHead(200, { "content-type": "text/html" }).end("<p>Please sign in."),
    "another content type": () => response.writeHead(200, { "content-type": "text/plain" }).end(body),
    empty: () => response.writeHead(200, headers).end(),
    redirect: () => response.writeHead(302, { location: "/elsewhere" }).end(),
  }[shape];
  end();
}

/** One request, as CGI has it. */
async function backend(root: string, request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const { pathname, search } = new URL(request.url ?? "/", "http://host/");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      // Without somebody's name it takes no push.
      REMOTE_USER: "proof",
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(sent.length),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      HTTP_GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // Whoever sends nothing reads nothing.
  child.stdin.on("error", () => undefined).end(sent);
  const out: Buffer[] = [];
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) out.push(chunk);
  return parsed(Buffer.concat(out));
}

function parsed(output: Buffer): Answer {
  const end = output.indexOf("\r\n\r\n");
  const lines = output.subarray(0, end).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const { status = "200", ...others } = headers;
  return { status: Number.parseInt(status, 10), headers: others, body: output.subarray(end + 4) };
}
