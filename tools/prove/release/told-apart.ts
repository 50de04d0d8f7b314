import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { FaultRegistry } from "../../../packages/testkit/src/index.ts";

/** One change that was asked for. */
export interface Write {
  /** The token that it came with. */
  readonly by: string;
  readonly what: string;
}

export interface ToldApart {
  readonly url: string;
  readonly writes: Write[];
  /** The registry that is behind the address from now on. */
  serve(registry: FaultRegistry): void;
  close(): Promise<void>;
}

/** An address in front of a registry that knows who changes what: each releaser has a token of its own. */
export async function tellApart(latencyMs: number): Promise<ToldApart> {
  const writes: Write[] = [];
  let behind: FaultRegistry | null = null;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray());
    const path = request.url ?? "/";
    const method = request.method ?? "GET";
    // Taking away a dist-tag that nobody has proves a right, and changes nothing.
    if (method !== "GET" && !path.endsWith("/slipway-proof"))
      writes.push({
        by: request.headers.authorization?.replace("Bearer ", "") ?? "",
        what: `${method} ${path}`,
      });
    await pause(latencyMs);
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const hasBody = method !== "GET" && body.length > 0;
    const asked = new Request(new URL(path, url), { method, headers, ...(hasBody ? { body } : {}) });
    const reply = await behind?.handle(asked);
    response.writeHead(reply?.status ?? 503, Object.fromEntries(reply?.headers ?? []));
    response.end(Buffer.from((await reply?.arrayBuffer()) ?? new ArrayBuffer(0)));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    writes,
    serve: (registry) => void (behind = registry),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
