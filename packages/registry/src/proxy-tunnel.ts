import { request, type ClientRequest } from "node:http";
import type { Agent } from "node:https";
import { connect, type ConnectionOptions } from "node:tls";

type CreateConnection = Agent["createConnection"];

/** An https agent's way to its sockets: through an HTTP proxy's CONNECT, TLS from end to end. */
export function tunnelTo(proxy: URL, tls: ConnectionOptions): CreateConnection {
  return (options, callback) => {
    const host = options.host ?? "localhost";
    const authority = `${host.includes(":") ? `[${host}]` : host}:${options.port ?? 443}`;
    const asked: ClientRequest = request({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || 80,
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...proxyCredentials(proxy) },
      agent: false,
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
    asked.once("timeout", () => asked.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    asked.once("error", (error) => callback?.(error, undefined as never));
    asked.once("connect", (answer, socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy();
        callback?.(new Error(`the proxy ${proxy.host} answered ${answer.statusCode}`), undefined as never);
        return;
      }
      // An IP address must not be sent as the server's name.
      const servername = options.servername ?? (/^[\d.]+$|:/.test(host) ? "" : host);
      const secured = connect({ ...tls, socket, servername });
      secured.once("error", () => undefined);
      callback?.(null, secured);
    });
    asked.end();
    return undefined;
  };
}

function proxyCredentials(proxy: URL): Record<string, string> {
  if (!proxy.username) return {};
  const plain = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(plain).toString("base64")}` };
}
