import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fulcioHandler, initializeCA, initializeTLog, rekorHandler } from "@sigstore/mock";

export interface SigstoreServices {
  readonly url: string;
  /** Paths that were asked, in their order. */
  readonly asked: string[];
  /** The log says so often that it has the entry already. */
  conflicts: number;
  close(): void;
}

/** Sigstore's own mocks of its certificate authority and its log, on a socket of this machine. */
export async function sigstoreServices(): Promise<SigstoreServices> {
  const keys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const fulcio = fulcioHandler(await initializeCA(keys()));
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const path = incoming.url ?? "";
      asked.push(path);
      const isLog = path.includes("/log/");
      if (isLog && services.conflicts-- > 0) {
        response.writeHead(409).end("{}");
        return;
      }
      const handler = isLog ? rekor : fulcio;
      void handler.fn(Buffer.concat(chunks).toString()).then((answer) => {
        response
          .writeHead(answer.statusCode, { "content-type": answer.contentType ?? "text/plain" })
          .end(answer.response);
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rekor = rekorHandler(await initializeTLog(url, keys()));
  const services: SigstoreServices = {
    url,
    asked,
    conflicts: 0,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return services;
}

/** What a CI would say of its job; nobody here looks at the signature. */
export function identityToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: "https://github.test/acme/kit", iss: "https://issuer.test" })}.x`;
}
