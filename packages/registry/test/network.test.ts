import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryClient, type RegistryTarget } from "@slipway/registry";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

/** A registry behind TLS with a certificate of nobody, and a proxy that writes down what it was asked for. */
let dir = "";
let certificate = "";
let secure: Server;
let proxy: Server;
let proxyAsks = "yes";
const asked: string[] = [];

/** Node has no words for making a certificate. */
const lacksOpenssl = spawnSync("openssl", ["version"]).status !== 0;

beforeEach(({ skip }) => {
  if (lacksOpenssl) skip("openssl is not on PATH: apt-get install openssl");
});

beforeAll(async () => {
  if (lacksOpenssl) return;
  dir = mkdtempSync(join(tmpdir(), "slipway-tls-"));
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-keyout", join(dir, "key.pem"), "-out", join(dir, "cert.pem")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      ...subject,
      ...files,
    ],
    { stdio: "ignore" },
  );
  certificate = readFileSync(join(dir, "cert.pem"), "utf8");
  const packument = JSON.stringify({
    name: "kit",
    "dist-tags": { latest: "1.0.0" },
    versions: { "1.0.0": {} },
  });
  secure = createSecureServer({ key: readFileSync(join(dir, "key.pem")), cert: certificate }, (_, response) =>
    response.end(packument),
  );
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "nobody"}`);
    response.end(packument);
  });
  proxy.on("connect", (request, socket: Socket) => {
    asked.push(
      `CONNECT ${request.url?.replace(/\d+$/, "PORT")} ${request.headers["proxy-authorization"] ?? "nobody"}`,
    );
    if (proxyAsks === "no") {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const through = connect(portOf(secure), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      through.pipe(socket).pipe(through);
    });
    through.on("error", () => socket.destroy());
    socket.on("error", () => through.destroy());
  });
  await Promise.all(
    [secure, proxy].map((server) => new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))),
  );
});
afterAll(() => {
  if (lacksOpenssl) return;
  for (const server of [secure, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
  proxyAsks = "yes";
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function view(target: Partial<RegistryTarget>) {
  const client = registryClient(
    { url: `https://localhost:${portOf(secure)}/`, auth: null, ...target },
    { readAttempts: 1 },
  );
  return client.view("kit").then((found) => found?.distTags);
}

const credentials = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;

test("a certificate of nobody is refused, one that cafile names is good, and strict-ssl=false takes any", async () => {
  await expect(view({})).rejects.toMatchObject({
    code: "registry/unreachable",
    message: expect.stringMatching(/certificate/) as string,
    hint: expect.stringContaining("cafile") as string,
  });
  expect(await view({ ca: [certificate] })).toEqual({ latest: "1.0.0" });
  expect(await view({ strictSsl: false })).toEqual({ latest: "1.0.0" });
});

test("https goes through a proxy's CONNECT, with TLS from end to end and the proxy's credentials", async () => {
  const through = `http://me:p%40ss@127.0.0.1:${portOf(proxy)}`;
  expect(await view({ ca: [certificate], proxy: through })).toEqual({ latest: "1.0.0" });
  await expect(view({ proxy: through })).rejects.toMatchObject({ code: "registry/unreachable" });
  expect(asked).toEqual([`CONNECT localhost:PORT ${credentials}`, `CONNECT localhost:PORT ${credentials}`]);
});

test("http is asked of the proxy in whole", async () => {
  const through = `http://127.0.0.1:${portOf(proxy)}`;
  expect(await view({ url: "http://registry.invalid/npm/", proxy: through })).toEqual({ latest: "1.0.0" });
  expect(asked).toEqual(["GET http://registry.invalid/npm/kit nobody"]);
});

test("a proxy that refuses or is not there is said as such", async () => {
  proxyAsks = "no";
  const refused = view({ proxy: `http://127.0.0.1:${portOf(proxy)}` });
  await expect(refused).rejects.toMatchObject({
    message: expect.stringMatching(/the proxy 127\.0\.0\.1:\d+ answered 407/) as string,
  });
  await expect(view({ proxy: "http://127.0.0.1:9" })).rejects.toMatchObject({ code: "registry/unreachable" });
});
