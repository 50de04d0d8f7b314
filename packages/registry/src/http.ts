import type { Agent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import * as tls from "node:tls";
import type { RegistryTarget } from "./npm-settings.ts";
import { tunnelTo } from "./proxy-tunnel.ts";

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Without a byte from the other side for this long, the attempt is given up. */
  readonly idleTimeoutMs: number;
  /** However lively the other side is. */
  readonly totalTimeoutMs: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** One attempt, no redirect followed, no retry. Throws {@link HttpFailure} alone. */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/** No complete answer. Whether the other side acted is known only when the request never reached it. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly reached: "no" | "perhaps";

  constructor(message: string, reached: "no" | "perhaps", cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reached = reached;
  }
}

// An import of it reads all of its exports, and one of them loads a whole WebSocket client: a tenth of a short command.
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule("node:http");

const maximumBodyBytes = 512 * 1024 * 1024;

/** The network, as the settings for this registry reach it. Connections are kept for the next request. */
export function networkTransport(target: Pick<RegistryTarget, "ca" | "strictSsl" | "proxy">): Transport {
  const agents = agentsFor(target);
  return (request) =>
    new Promise((resolve, reject) => {
      const url = new URL(request.url);
      const secure = url.protocol === "https:";
      const forward = !secure && target.proxy ? new URL(target.proxy) : null;
      const send = secure ? httpsRequest : httpRequest;
      const attempt = send({
        method: request.method,
        hostname: (forward ?? url).hostname.replace(/^\[|\]$/g, ""),
        port: (forward ?? url).port,
        path: forward ? url.href : url.pathname + url.search,
        headers: headersOf(request, url, forward),
        agent: secure ? agents.https : agents.http,
        timeout: request.idleTimeoutMs,
      });
      let connected = false;
      const fail = (error: Error) => {
        clearTimeout(total);
        attempt.destroy();
        reject(
          error instanceof HttpFailure
            ? error
            : new HttpFailure(reasonOf(error), connected ? "perhaps" : "no", error),
        );
      };
      const giveUp = (limitMs: number) => () => {
        fail(new HttpFailure(`no answer within ${limitMs} ms`, connected ? "perhaps" : "no"));
      };
      const total = setTimeout(giveUp(request.totalTimeoutMs), request.totalTimeoutMs);
      const finish = async (response: IncomingMessage) => {
        try {
          const body = await readBody(response);
          clearTimeout(total);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        } catch (error) {
          fail(error as Error);
        }
      };
      attempt.on("socket", (socket) => {
        // A socket that is kept from an earlier request.
        if (!socket.connecting) {
          connected = true;
          return;
        }
        socket.once(secure ? "secureConnect" : "connect", () => (connected = true));
      });
      attempt.on("timeout", giveUp(request.idleTimeoutMs));
      attempt.on("error", fail);
      attempt.on("response", (response) => {
        connected = true;
        void finish(response);
      });
      attempt.end(request.body);
    });
}

async function readBody(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maximumBodyBytes)
      throw new HttpFailure(`an answer of more than ${maximumBodyBytes} bytes`, "perhaps");
    chunks.push(chunk);
  }
  if (!response.complete) throw new HttpFailure("the answer was cut off", "perhaps");
  return Buffer.concat(chunks);
}

function headersOf(request: HttpRequest, url: URL, forward: URL | null): Record<string, string> {
  const headers: Record<string, string> = { ...request.headers, host: url.host };
  if (request.body !== undefined) headers["content-length"] = String(Buffer.byteLength(request.body));
  if (forward?.username) {
    const credentials = `${decodeURIComponent(forward.username)}:${decodeURIComponent(forward.password)}`;
    headers["proxy-authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
  }
  return headers;
}

function agentsFor(target: Pick<RegistryTarget, "ca" | "strictSsl" | "proxy">): {
  http: Agent;
  https: HttpsAgent;
} {
  const pool = { keepAlive: true, maxSockets: 32, scheduling: "lifo" as const };
  const trust = {
    rejectUnauthorized: target.strictSsl !== false,
    // npm's `ca` and `cafile` replace the built-in list; adding to it also serves those who name only their proxy's.
    ...(target.ca && target.ca.length > 0
      ? { ca: [...(tls.getCACertificates?.() ?? tls.rootCertificates), ...target.ca] }
      : {}),
  };
  const https = new HttpsAgent({ ...pool, ...trust });
  if (target.proxy) https.createConnection = tunnelTo(new URL(target.proxy), trust);
  return { http: new HttpAgent(pool), https };
}

function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  // AggregateError of happy eyeballs has an empty message.
  const message = error.message || (error instanceof AggregateError ? String(error.errors[0]) : "");
  return code && !message.includes(code) ? `${code} ${message}`.trim() : message || error.name;
}
