import { createServer, request, Agent } from "node:http";

export interface CountingProxy {
  /** By verb and kind of path. */
  readonly counts: Map<string, number>;
  close(): void;
}

/** Stands on a port before a registry and counts what passes. */
export async function countingProxy(port: number, target: string): Promise<CountingProxy> {
  const counts = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const { hostname, port: behind } = new URL(target);
  const server = createServer((asked, answered) => {
    const kind = `${asked.method} ${kindOf(asked.url ?? "/")}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const { method, url, headers } = asked;
    const passed = request({ hostname, port: behind, method, path: url, headers, agent }, (reply) => {
      answered.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answered);
    });
    passed.once("error", () => answered.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    counts,
    close: () => {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

function kindOf(path: string): "dist-tag" | "tarball" | "other" | "packument" {
  if (path.includes("/dist-tags")) return "dist-tag";
  if (path.includes("/-/") && path.endsWith(".tgz")) return "tarball";
  return path.startsWith("/-/") ? "other" : "packument";
}
