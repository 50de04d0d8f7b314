import { UserError, isRecord, type PackageName } from "@slipway/kernel";
import { answerOf, answerOfFailure, isPage, messageOf, retryAfter, type WriteAnswer } from "./answer.ts";
import {
  HttpFailure,
  networkTransport,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from "./http.ts";
import type { RegistryTarget } from "./npm-settings.ts";
import { publishDocument, type PublishRequest } from "./publish-document.ts";

export interface PackageView {
  readonly name: PackageName;
  readonly distTags: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, VersionView>>;
}

export interface VersionView {
  readonly version: string;
  readonly integrity: string | null;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/**
 * One npm registry. Reading repeats itself on a passing fault and throws UserError when that does not help;
 * changing is tried once, and its answer says only what is proved.
 */
export interface RegistryClient {
  readonly url: string;
  view(name: PackageName): Promise<PackageView | null>;
  upload(request: PublishRequest): Promise<WriteAnswer>;
  download(name: PackageName, version: string): Promise<Uint8Array | null>;
  setTag(name: PackageName, tag: string, version: string): Promise<WriteAnswer>;
  removeTag(name: PackageName, tag: string): Promise<WriteAnswer>;
  deprecate(name: PackageName, version: string, message: string): Promise<WriteAnswer>;
}

export interface ClientOptions {
  readonly transport?: Transport;
  /** Attempts at reading, the first one counted. */
  readonly readAttempts?: number;
  readonly idleTimeoutMs?: number;
  readonly totalTimeoutMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
  readonly now?: () => number;
  /** From 0 to 1, for the spread of waits. */
  readonly random?: () => number;
  /** Asked once a write, when the registry wants a one-time password. */
  readonly otp?: () => Promise<string | null>;
}

export function registryClient(target: RegistryTarget, options: ClientOptions = {}): RegistryClient {
  const connection = new Connection(target, options);
  /** Where the registry itself says that a tarball is, from its last packument. */
  const tarballUrls = new Map<string, string>();
  const seen = new Set<PackageName>();

  async function packument(name: PackageName): Promise<Record<string, unknown> | null> {
    const response = await connection.read(escaped(name), "application/json");
    seen.add(name);
    if (!response) return null;
    const document = parsedRecord(response);
    if (!document || !isRecord(document["versions"]))
      throw connection.unreachable(`answered GET ${name} with something else`);
    for (const [version, manifest] of Object.entries(document["versions"])) {
      const url = distOf(manifest)["tarball"];
      if (typeof url === "string") tarballUrls.set(`${name}@${version}`, url);
    }
    return document;
  }

  return {
    url: connection.url,
    view: async (name) => {
      const document = await packument(name);
      return document && viewOf(name, document);
    },
    upload: (request) =>
      connection.write("PUT", escaped(request.tarball.name), publishDocument(request, connection.url)),
    download: async (name, version) => {
      if (!seen.has(name)) await packument(name);
      // A tarball without its version is looked for where every registry that follows npm's has it.
      const url =
        tarballUrls.get(`${name}@${version}`) ?? `${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`;
      return (await connection.read(url, "application/octet-stream, */*"))?.body ?? null;
    },
    setTag: (name, tag, version) => connection.write("PUT", tagPath(name, tag), version),
    removeTag: (name, tag) => connection.write("DELETE", tagPath(name, tag)),
    deprecate: async (name, version, message) => {
      const document = await packument(name);
      const versions = document?.["versions"];
      const manifest = isRecord(versions) ? versions[version] : undefined;
      if (!document || !isRecord(manifest)) {
        return {
          outcome: "permanent",
          message: `${name}@${version} is not on the registry`,
          cause: "invalid",
        };
      }
      const changed = { ...(versions as object), [version]: { ...manifest, deprecated: message } };
      return connection.write("PUT", escaped(name), { ...document, versions: changed });
    },
  };
}

interface ClientRequest {
  readonly method: HttpRequest["method"];
  /** Relative to the registry's URL, or absolute. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly value?: unknown;
}

const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Requests to one registry, with its credentials on its own origin alone. */
class Connection {
  readonly url: string;
  private readonly target: RegistryTarget;
  private readonly options: ClientOptions;
  private readonly transport: Transport;

  constructor(target: RegistryTarget, options: ClientOptions) {
    this.url = target.url.endsWith("/") ? target.url : `${target.url}/`;
    this.target = target;
    this.options = options;
    this.transport = options.transport ?? networkTransport(target);
  }

  /** Null is a 404. Throws UserError when the registry cannot be read. */
  async read(path: string, accept: string): Promise<HttpResponse | null> {
    const attempts = this.options.readAttempts ?? 4;
    let fault = "";
    for (let attempt = 1; attempt <= attempts; attempt++) {
      let waitMs: number | null = null;
      try {
        const response = await this.send({ method: "GET", path, headers: { accept } });
        if (response.status === 200 && !isPage(response)) return response;
        if (response.status === 404) return null;
        if (response.status === 401 || response.status === 403) throw this.unauthorized(messageOf(response));
        fault = `answered ${messageOf(response)}`;
        waitMs = retryAfter(response, this.now());
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        fault = error.message;
      }
      if (attempt < attempts) await this.wait(waitMs ?? 250 * 4 ** (attempt - 1) * (0.5 + this.random()));
    }
    throw this.unreachable(fault);
  }

  async write(method: "PUT" | "DELETE", path: string, value?: unknown): Promise<WriteAnswer> {
    const attempt = async (headers: Record<string, string>): Promise<WriteAnswer> => {
      try {
        return answerOf(await this.send({ method, path, headers, value }), this.now());
      } catch (error) {
        if (error instanceof HttpFailure) return answerOfFailure(error);
        throw error;
      }
    };
    const answer = await attempt({});
    if (answer.outcome !== "permanent" || !answer.otp || !this.options.otp) return answer;
    const otp = await this.options.otp();
    return otp === null ? answer : attempt({ "npm-otp": otp });
  }

  unreachable(fault: string): UserError {
    return new UserError("registry/unreachable", `the registry ${this.url} ${said(fault)}`, {
      hint: "run the same command again when it answers; nothing is lost in between",
    });
  }

  private unauthorized(fault: string): UserError {
    return new UserError("registry/unauthorized", `the registry ${this.url} refuses to be read: ${fault}`, {
      hint: "give .npmrc a token that may read it",
    });
  }

  private async send(request: ClientRequest): Promise<HttpResponse> {
    const { method, value } = request;
    let url = new URL(request.path, this.url);
    for (let redirects = 0; ; redirects++) {
      const response = await this.transport({
        method,
        url: url.href,
        headers: this.headers(url, request),
        ...(value === undefined ? {} : { body: JSON.stringify(value) }),
        idleTimeoutMs: this.options.idleTimeoutMs ?? 60_000,
        totalTimeoutMs: this.options.totalTimeoutMs ?? 300_000,
      });
      const location = response.headers["location"];
      // Only reading follows a redirect; the token stays with its own origin.
      if (method !== "GET" || !redirections.has(response.status) || typeof location !== "string")
        return response;
      if (redirects === 5) throw new HttpFailure("redirects in a circle", "perhaps");
      url = new URL(location, url);
    }
  }

  private headers(url: URL, request: ClientRequest): Record<string, string> {
    return {
      "user-agent": "slipway",
      "cache-control": "no-cache",
      ...(request.value === undefined ? {} : { "content-type": "application/json" }),
      ...request.headers,
      ...(url.origin === new URL(this.url).origin ? authorization(this.target.auth) : {}),
    };
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }

  private wait(ms: number): Promise<void> {
    return this.options.wait ? this.options.wait(ms) : new Promise((resolve) => setTimeout(resolve, ms));
  }
}

function authorization(auth: RegistryTarget["auth"]): Record<string, string> {
  if (!auth) return {};
  return { authorization: auth.kind === "bearer" ? `Bearer ${auth.token}` : `Basic ${auth.credentials}` };
}

function viewOf(name: PackageName, document: Record<string, unknown>): PackageView {
  const versions: Record<string, VersionView> = {};
  for (const [version, manifest] of Object.entries(document["versions"] as Record<string, unknown>)) {
    if (!isRecord(manifest)) continue;
    const { integrity } = distOf(manifest);
    versions[version] = { version, integrity: typeof integrity === "string" ? integrity : null, manifest };
  }
  const tags = isRecord(document["dist-tags"]) ? document["dist-tags"] : {};
  const distTags = Object.fromEntries(
    Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === "string"),
  );
  return { name, distTags, versions };
}

function distOf(manifest: unknown): Record<string, unknown> {
  return isRecord(manifest) && isRecord(manifest["dist"]) ? manifest["dist"] : {};
}

function parsedRecord(response: HttpResponse): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(response.body).toString("utf8"));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** `@scope%2fname`: the slash of a scope is escaped, its `@` is not. */
function escaped(name: PackageName): string {
  return name.replace("/", "%2f");
}

function tagPath(name: PackageName, tag: string): string {
  return `-/package/${escaped(name)}/dist-tags/${encodeURIComponent(tag)}`;
}

function said(fault: string): string {
  return fault.startsWith("answered") ? fault : `does not answer: ${fault}`;
}
