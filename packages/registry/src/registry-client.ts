import { isRecord, type PackageName } from "@slipway/kernel";
import type { WriteAnswer } from "./answer.ts";
import { Connection, escaped, parsedRecord, type ClientOptions, type WriteRequest } from "./connection.ts";
import type { RegistryTarget } from "./npm-settings.ts";
import { publishDocument, type PublishRequest } from "./publish-document.ts";

export interface PackageView {
  readonly name: PackageName;
  readonly distTags: Readonly<Record<string, string>>;
  /** When each version was uploaded, as the registry wrote it down. */
  readonly publishedAt?: Readonly<Record<string, string>>;
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
  /**
   * Whether the credential may change a package that is there: takes a tag away that nobody has. `accepted` is also
   * the answer of a registry that says that the tag is not there.
   */
  proveRight(name: PackageName, unusedTag: string): Promise<WriteAnswer>;
}

export function registryClient(target: RegistryTarget, options: ClientOptions = {}): RegistryClient {
  const connection = new Connection(target, options);
  const packuments = new Packuments(connection);
  const answerTo = async (request: WriteRequest) => (await connection.write(request)).answer;
  return {
    url: connection.url,
    view: async (name) => {
      const document = await packuments.read(name);
      return document && viewOf(name, document);
    },
    upload: (request) => {
      const { name } = request.tarball;
      const value = publishDocument(request, connection.url);
      return answerTo({ method: "PUT", path: escaped(name), name, power: "upload", value });
    },
    download: async (name, version) => {
      const url = await packuments.tarballUrl(name, version);
      return (await connection.read(url, "application/octet-stream, */*"))?.body ?? null;
    },
    setTag: (name, tag, version) =>
      answerTo({ method: "PUT", path: tagPath(name, tag), name, power: "change", value: version }),
    removeTag: (name, tag) => answerTo({ method: "DELETE", path: tagPath(name, tag), name, power: "change" }),
    proveRight: async (name, unusedTag) => {
      const path = tagPath(name, unusedTag);
      const { answer, status } = await connection.write({ method: "DELETE", path, name, power: "change" });
      return status === 404 || status === 405 ? { outcome: "accepted" } : answer;
    },
    deprecate: async (name, version, message) => {
      const value = deprecated(await packuments.read(name), version, message);
      if (value) return answerTo({ method: "PUT", path: escaped(name), name, power: "change", value });
      const said = `${name}@${version} is not on the registry`;
      return { outcome: "permanent", message: said, cause: "invalid" };
    },
  };
}

/** Packuments as served, and where they say that their tarballs are. */
class Packuments {
  private readonly tarballUrls = new Map<string, string>();
  private readonly seen = new Set<PackageName>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async read(name: PackageName): Promise<Record<string, unknown> | null> {
    const response = await this.connection.read(escaped(name), "application/json");
    this.seen.add(name);
    if (!response) return null;
    const document = parsedRecord(response);
    if (!document || !isRecord(document["versions"]))
      throw this.connection.unreachable(`answered GET ${name} with something else`);
    for (const [version, manifest] of Object.entries(document["versions"])) {
      const url = distOf(manifest)["tarball"];
      if (typeof url === "string") this.tarballUrls.set(`${name}@${version}`, url);
    }
    return document;
  }

  /** A tarball without its version is looked for where every registry that follows npm's has it. */
  async tarballUrl(name: PackageName, version: string): Promise<string> {
    if (!this.seen.has(name)) await this.read(name);
    const usual = `${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`;
    return this.tarballUrls.get(`${name}@${version}`) ?? usual;
  }
}

/** The document with one message changed; null when it has no such version. */
function deprecated(
  document: Record<string, unknown> | null,
  version: string,
  message: string,
): Record<string, unknown> | null {
  const versions = document?.["versions"];
  const manifest = isRecord(versions) ? versions[version] : undefined;
  if (!document || !isRecord(versions) || !isRecord(manifest)) return null;
  return { ...document, versions: { ...versions, [version]: { ...manifest, deprecated: message } } };
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
  const times = isRecord(document["time"]) ? (document["time"] as Record<string, string>) : null;
  return { name, distTags, ...(times === null ? {} : { publishedAt: times }), versions };
}

function distOf(manifest: unknown): Record<string, unknown> {
  return isRecord(manifest) && isRecord(manifest["dist"]) ? manifest["dist"] : {};
}

function tagPath(name: PackageName, tag: string): string {
  return `-/package/${escaped(name)}/dist-tags/${encodeURIComponent(tag)}`;
}
