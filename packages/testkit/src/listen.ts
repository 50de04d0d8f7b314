import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Delivery } from "./delivery.ts";

export interface AskedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface Listening {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** Puts deliveries on real sockets, where a reset is a reset. */
export async function listen(
  deliver: (asked: AskedRequest) => Delivery,
  options: { readonly port: number; readonly dripMs: number },
): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(request, response, { deliver, dripMs: options.dripMs }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => close(server) };
}

interface Answering {
  readonly deliver: (asked: AskedRequest) => Delivery;
  readonly dripMs: number;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { deliver, dripMs }: Answering,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
  const { manner, reply } = deliver({
    method,
    url,
    headers: headersOf(request),
    body: Buffer.concat(chunks),
  });
  if (manner === "timeout") return;
  if (manner === "reset") {
    request.socket.resetAndDestroy();
    return;
  }
  const body = method === "HEAD" ? new Uint8Array() : reply.body;
  response.writeHead(reply.status, { ...reply.headers, "content-length": reply.body.length });
  if (manner === "whole") {
    response.end(body);
    return;
  }
  if (manner === "half") {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
    return;
  }
  for (let at = 0; at < body.length && !response.destroyed; at++) {
    response.write(body.subarray(at, at + 1));
    await pause(dripMs, undefined, { ref: false });
  }
  response.end();
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
