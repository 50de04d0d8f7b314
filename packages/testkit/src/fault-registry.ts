import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { spoiled, type Delivery } from "./delivery.ts";
import type { Call } from "./endpoint.ts";
import { refused, type Reply } from "./reply.ts";
import { FaultSchedule, type Fault, type FaultRoute, type RouteOfPackage } from "./faults.ts";
import { listen, type AskedRequest, type Listening } from "./listen.ts";
import { responseOf } from "./response.ts";
import { Rights, type Credential } from "./rights.ts";
import { endpointsOf, matchRoute, routeNames, type RouteName } from "./routes.ts";
import { SigningKey } from "./security.ts";
import { RegistryStore, fileNameOf, isDocument, type Document } from "./store.ts";

export interface FaultRegistryOptions {
  /** Of the faults that come at random; 1 when not said. */
  readonly seed?: number;
  /** Milliseconds since the epoch; the machine's clock when not said. */
  readonly now?: () => number;
  /** Without any, everybody may do everything. */
  readonly tokens?: Readonly<Record<string, Credential>>;
  /** The pause between two bytes of a `drip`; 50 when not said. */
  readonly dripMs?: number;
}

/** One request as the registry saw it. */
export interface SeenRequest {
  readonly route: RouteName | null;
  readonly method: string;
  readonly path: string;
  /** 0: nothing was answered. */
  readonly status: number;
  readonly faulty: boolean;
  readonly authorized: boolean;
}

/** What is on the registry, as plain values. */
export type Snapshot = Readonly<
  Record<
    string,
    {
      readonly distTags: Readonly<Record<string, string>>;
      readonly versions: Readonly<Record<string, string>>;
    }
  >
>;

/** A version that was there before anybody came. */
export interface PlantedVersion {
  readonly name: string;
  readonly version: string;
  readonly tarball: Uint8Array;
  readonly manifest?: Document;
  /** `latest` when not said. */
  readonly tag?: string;
}

const seenMaximum = 100_000;

/** An npm registry in memory that fails when told to. Its handler acts as `fetch` would: a cut connection is a rejection. */
export class FaultRegistry {
  readonly seen: SeenRequest[] = [];
  private readonly key = new SigningKey();
  private readonly store = new RegistryStore(this.key);
  private readonly schedule: FaultSchedule;
  private readonly rights: Rights;
  private readonly trusted = new Map<string, string>();
  private readonly endpoints = endpointsOf(this.key, this.trusted);
  /** What readers still see of a package that has changed. */
  private readonly frozen = new Map<string, { readonly untilMs: number; readonly store: RegistryStore }>();
  private readonly options: FaultRegistryOptions;
  private lagMs = 0;

  constructor(options: FaultRegistryOptions = {}) {
    this.options = options;
    this.schedule = new FaultSchedule(options.seed ?? 1);
    this.rights = new Rights(options.tokens ?? null);
  }

  /** `(Request) => Promise<Response>`; can be passed where a fetch is wanted. */
  readonly handle = async (request: Request): Promise<Response> => {
    const body = new Uint8Array(await request.arrayBuffer());
    const url = new URL(request.url);
    const delivery = this.deliver({ method: request.method, url, headers: request.headers, body });
    return responseOf(delivery, { signal: request.signal, dripMs: this.options.dripMs ?? 50 });
  };

  /** On 127.0.0.1. Any free port when none is said. */
  listen(port = 0): Promise<Listening> {
    const deliver = (asked: AskedRequest) => this.deliver(asked);
    return listen(deliver, { port, dripMs: this.options.dripMs ?? 50 });
  }

  failNext(which: FaultRoute | RouteOfPackage, fault: Fault, times = 1): void {
    this.schedule.failNext(which, fault, times);
  }

  failEvery(route: FaultRoute, period: number, fault: Fault): void {
    this.schedule.failEvery(route, period, fault);
  }

  /** All requests of a route about one package, until `heal`. */
  failFor(name: string, route: FaultRoute, fault: Fault): void {
    this.schedule.failFor(name, route, fault);
  }

  failAtRandom(route: FaultRoute, probability: number, faults: readonly Fault[]): void {
    this.schedule.failAtRandom(route, probability, faults);
  }

  /** Ends all faults, staleness and lag; what is stored stays. */
  heal(): void {
    this.schedule.heal();
    this.frozen.clear();
    this.lagMs = 0;
  }

  /** Readers see the package as it is now for this long, whatever is published; tarballs are not held back. */
  serveStale(name: string, durationMs: number): void {
    this.frozen.set(name, { untilMs: this.now() + durationMs, store: this.store.copyOf(name) });
  }

  /** From now on, each change to a package is seen by readers only after this long. */
  lag(durationMs: number): void {
    this.lagMs = durationMs;
  }

  /** Puts a version there that no publisher of this test sent. */
  plant({ name, version, tarball, manifest = {}, tag = "latest" }: PlantedVersion): void {
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const dist = { integrity, shasum: createHash("sha1").update(tarball).digest("hex") };
    const document = { ...manifest, name, version, _id: `${name}@${version}`, dist };
    const fileName = fileNameOf(name, version);
    this.store.publish(
      { name, version, manifest: document, tag, fileName, tarball, provenance: null },
      this.now(),
    );
  }

  /** A tarball without its version: refused for ever, as after a cut upload to Verdaccio 6. */
  orphan(name: string, version: string, tarball: Uint8Array): void {
    this.store.package(name, this.now()).tarballs.set(fileNameOf(name, version), tarball);
  }

  /** Lets whoever brings this identity token publish the package. */
  trust(name: string, identityToken: string): void {
    this.trusted.set(name, identityToken);
  }

  /** An advisory on exactly these versions, served by the bulk endpoint. */
  advise(name: string, versions: readonly string[], advisory: Document): void {
    this.store.advisories.set(name, [...(this.store.advisories.get(name) ?? []), { advisory, versions }]);
  }

  snapshot(): Snapshot {
    const packages = [...this.store.packages.values()].filter((held) => held.versions.size > 0);
    return Object.fromEntries(
      packages.map((held) => {
        const versions = [...held.versions].map(([version, stored]) => {
          const dist = isDocument(stored.manifest["dist"]) ? stored.manifest["dist"] : {};
          return [version, String(dist["integrity"])];
        });
        return [
          held.name,
          { distTags: Object.fromEntries(held.distTags), versions: Object.fromEntries(versions) },
        ];
      }),
    );
  }

  /** Ids of versions that wait for approval, by `NAME@VERSION`. */
  staged(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.store.staged.values()].map(({ id, name, version }) => [`${name}@${version}`, id]),
    );
  }

  /** How often each route was asked, failures counted. */
  counts(): Readonly<Record<RouteName, number>> {
    const counts = Object.fromEntries(routeNames.map((route) => [route, 0])) as Record<RouteName, number>;
    for (const { route } of this.seen) if (route) counts[route]++;
    return counts;
  }

  private deliver(asked: AskedRequest): Delivery {
    const match = matchRoute(asked.method, asked.url.pathname);
    const fault = this.schedule.of(match?.route ?? null, asked.method, match?.parameters["name"]);
    let reply: Reply | null = null;
    if (!fault || fault.committed) {
      reply = match
        ? this.reply(match.route, this.call(asked, match.parameters))
        : refused(404, `no such route: ${asked.method} ${asked.url.pathname}`);
    }
    const delivery: Delivery = fault ? spoiled(reply, fault) : { manner: "whole", reply: reply as Reply };
    if (this.seen.length < seenMaximum) {
      this.seen.push({
        route: match?.route ?? null,
        method: asked.method,
        path: asked.url.pathname,
        status: delivery.reply.status,
        faulty: fault !== null,
        authorized: asked.headers.has("authorization"),
      });
    }
    return delivery;
  }

  private call(asked: AskedRequest, parameters: Readonly<Record<string, string>>): Call {
    const body = asked.headers.get("content-encoding") === "gzip" ? gunzipSync(asked.body) : asked.body;
    const baseUrl = `${asked.url.origin}/`;
    return { ...asked, body, parameters, baseUrl, nowMs: this.now(), store: this.store, rights: this.rights };
  }

  /** Reading may be stale; writing always meets the registry as it is. */
  private reply(route: RouteName, call: Call): Reply {
    const name = call.parameters["name"] ?? "";
    const frozen = this.frozen.get(name);
    const isStale = frozen !== undefined && frozen.untilMs > call.nowMs;
    if (route === "GET /:name/-/:file" || !route.startsWith("GET ")) {
      if (this.lagMs > 0 && !isStale && !route.startsWith("GET ")) this.serveStale(name, this.lagMs);
      return this.endpoints[route](call);
    }
    return this.endpoints[route](isStale ? { ...call, store: frozen.store } : call);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

export function createFaultRegistry(options: FaultRegistryOptions = {}): FaultRegistry {
  return new FaultRegistry(options);
}
