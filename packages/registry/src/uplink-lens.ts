import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { isRecord, type PackageName } from "@slipway/kernel";
import { compare, gte, rsort, valid } from "semver";
import { HttpFailure, networkTransport, type HttpResponse, type Transport } from "./http.ts";
import type { RegistryAuth, RegistryTarget } from "./npm-settings.ts";

/** A registry seen through a lens on 127.0.0.1: for reading only, and of some packages only what came before a version. */
export interface UplinkLens {
  readonly url: string;
  /**
   * From now on nobody sees this version of the package, nor any that stands above it; `latest` points at the highest
   * that is left. To be called before the first reader asks: readers keep what they saw.
   */
  hideFrom(name: PackageName, version: string): void;
  close(): Promise<void>;
}

export interface LensOptions {
  readonly registry: RegistryTarget;
  /** Registries of single scopes, with their `@`. */
  readonly scopes: Readonly<Record<string, RegistryTarget>>;
}

const IDLE_TIMEOUT_MS = 30_000;
const TOTAL_TIMEOUT_MS = 300_000;

export async function openUplinkLens({ registry, scopes }: LensOptions): Promise<UplinkLens> {
  const hidden = new Map<PackageName, string>();
  const uplinks = new Map<string, Uplink>();
  const uplinkFor = (path: string): Uplink => {
    const scope = /^\/(@[^/%]+)(?:\/|%2f)/i.exec(path)?.[1];
    const target = (scope === undefined ? undefined : scopes[scope]) ?? registry;
    const uplink = uplinks.get(target.url) ?? { target, transport: networkTransport(target) };
    uplinks.set(target.url, uplink);
    return uplink;
  };
  const server = createServer((request, response) => {
    const own = `http://${request.headers.host ?? ""}/`;
    answer(request, response, { uplinkFor, hidden, own }).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    hideFrom: (name, version) => void hidden.set(name, version),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Uplink {
  readonly target: RegistryTarget;
  readonly transport: Transport;
}

interface Lens {
  readonly uplinkFor: (path: string) => Uplink;
  readonly hidden: ReadonlyMap<PackageName, string>;
  /** Where readers find this lens. */
  readonly own: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, lens: Lens): Promise<void> {
  const path = request.url ?? "/";
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const { target, transport } = lens.uplinkFor(path);
  const base = target.url.replace(/\/?$/, "/");
  const upstream = await transport({
    method: "GET",
    url: base + path.slice(1),
    headers: {
      accept: request.headers.accept ?? "*/*",
      "accept-encoding": "gzip",
      ...authorization(target.auth),
    },
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    totalTimeoutMs: TOTAL_TIMEOUT_MS,
  });
  const body = shown(path, upstream, { base, lens });
  const headers = Object.fromEntries(
    Object.entries(upstream.headers).filter(([name, value]) => value !== undefined && passed.has(name)),
  ) as Record<string, string>;
  response.writeHead(upstream.status, { ...headers, "content-length": String(body.length) });
  response.end(request.method === "HEAD" ? undefined : body);
}

const passed = new Set(["content-type", "location", "last-modified", "retry-after"]);

/** Packuments as the lens shows them; all else as it came. Tarballs of this registry are read through the lens too. */
function shown(
  path: string,
  { status, headers, body }: HttpResponse,
  { base, lens }: { readonly base: string; readonly lens: Lens },
): Uint8Array {
  const bytes = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
  const isJson = String(headers["content-type"] ?? "").includes("json");
  const name = packageIn(path);
  if (status !== 200 || !isJson || name === null) return bytes;
  const text = Buffer.from(bytes).toString("utf8").replaceAll(`"${base}`, `"${lens.own}`);
  const from = lens.hidden.get(name);
  return Buffer.from(from === undefined ? text : JSON.stringify(before(JSON.parse(text), from)));
}

/** `/name`, `/@scope/name` and `/@scope%2fname`, but no path below them. */
function packageIn(path: string): PackageName | null {
  const decoded = decodeURIComponent(path.replace(/\?.*$/, "").slice(1));
  return /^(?:@[^/]+\/)?[^/@][^/]*$/.test(decoded) ? decoded : null;
}

function before(packument: unknown, from: string): unknown {
  if (!isRecord(packument) || !isRecord(packument["versions"])) return packument;
  const versions = Object.fromEntries(
    Object.entries(packument["versions"]).filter(([version]) => !valid(version) || !gte(version, from)),
  );
  const left = Object.keys(versions);
  const tags = Object.entries(isRecord(packument["dist-tags"]) ? packument["dist-tags"] : {});
  const kept = Object.fromEntries(tags.filter(([, version]) => left.includes(String(version))));
  const highest = highestOf(left);
  const latest = kept["latest"] ?? highest;
  return { ...packument, versions, "dist-tags": { ...kept, ...(latest === undefined ? {} : { latest }) } };
}

/** The highest release; where there are only prereleases the highest of them. */
function highestOf(versions: readonly string[]): string | undefined {
  const sound = versions.filter((version) => valid(version) !== null);
  const releases = sound.filter((version) => !version.includes("-"));
  return releases.length > 0 ? rsort([...releases])[0] : sound.toSorted(compare).at(-1);
}

function authorization(auth: RegistryAuth | null): Record<string, string> {
  if (auth === null) return {};
  return { authorization: auth.kind === "bearer" ? `Bearer ${auth.token}` : `Basic ${auth.credentials}` };
}

function refuse(response: ServerResponse, error: unknown): void {
  const message = error instanceof HttpFailure ? error.message : String(error);
  if (!response.headersSent) response.writeHead(502, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: `the registry behind could not be read: ${message}` }));
}
