import { createHash } from "node:crypto";

export type Document = Record<string, unknown>;

/** One version as its publisher sent it. */
export interface StoredVersion {
  readonly manifest: Document;
  readonly fileName: string;
  readonly publishedAtMs: number;
  /** The sigstore bundle that came with it, as JSON text. */
  readonly provenance: string | null;
}

export interface StoredPackage {
  readonly name: string;
  readonly versions: Map<string, StoredVersion>;
  readonly distTags: Map<string, string>;
  /** Every tarball that can be downloaded, also those without a version. */
  readonly tarballs: Map<string, Uint8Array>;
  readonly createdAtMs: number;
}

export interface StagedVersion {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly tag: string;
  readonly document: PublishDocument;
  readonly stagedAtMs: number;
}

/** The body of `PUT /:name` after it was found sound. */
export interface PublishDocument {
  readonly name: string;
  readonly version: string;
  readonly manifest: Document;
  readonly tag: string;
  readonly fileName: string;
  readonly tarball: Uint8Array;
  readonly provenance: string | null;
}

export interface Advised {
  readonly versions: readonly string[];
  readonly advisory: Document;
}

export interface Signer {
  signatures(name: string, version: string, integrity: string): readonly Document[];
}

/** All that the registry knows; gone when nobody holds it. */
export class RegistryStore {
  readonly packages = new Map<string, StoredPackage>();
  readonly staged = new Map<string, StagedVersion>();
  readonly advisories = new Map<string, readonly Advised[]>();
  private readonly signer: Signer;
  private stagedCount = 0;

  constructor(signer: Signer) {
    this.signer = signer;
  }

  /** A store that knows this one package, and keeps it as it is now. */
  copyOf(name: string): RegistryStore {
    const copy = new RegistryStore(this.signer);
    const held = this.packages.get(name);
    if (!held) return copy;
    const frozen = { ...held, versions: new Map(held.versions), distTags: new Map(held.distTags) };
    copy.packages.set(name, frozen);
    return copy;
  }

  package(name: string, nowMs: number): StoredPackage {
    const found = this.packages.get(name);
    if (found) return found;
    const made: StoredPackage = {
      name,
      versions: new Map(),
      distTags: new Map(),
      tarballs: new Map(),
      createdAtMs: nowMs,
    };
    this.packages.set(name, made);
    return made;
  }

  /** The first version of a package becomes `latest` whatever its tag, as on the public registry and on Verdaccio. */
  publish(document: PublishDocument, nowMs: number): void {
    const held = this.package(document.name, nowMs);
    held.tarballs.set(document.fileName, document.tarball);
    held.versions.set(document.version, {
      manifest: this.signed(document),
      fileName: document.fileName,
      publishedAtMs: nowMs,
      provenance: document.provenance,
    });
    held.distTags.set(document.tag, document.version);
    if (!held.distTags.has("latest")) held.distTags.set("latest", document.version);
  }

  private signed({ name, version, manifest }: PublishDocument): Document {
    const dist = isDocument(manifest["dist"]) ? manifest["dist"] : {};
    const signatures = this.signer.signatures(name, version, String(dist["integrity"]));
    return { ...manifest, dist: { ...dist, signatures } };
  }

  stage(document: PublishDocument, nowMs: number): StagedVersion {
    const { name, version, tag } = document;
    const id = uuidOf(`${++this.stagedCount} ${name}@${version}`);
    const staged = { id, name, version, tag, document, stagedAtMs: nowMs };
    this.staged.set(id, staged);
    return staged;
  }

  /** A version that waits for approval already takes its number. */
  stagedAs(name: string, version: string): StagedVersion | undefined {
    return [...this.staged.values()].find((staged) => staged.name === name && staged.version === version);
  }
}

/** The document that `GET /:name` serves, with tarball addresses on this registry. */
export function packumentOf(held: StoredPackage, baseUrl: string): Document {
  const versions: Document = {};
  const time: Document = { created: iso(held.createdAtMs) };
  let modifiedAtMs = held.createdAtMs;
  for (const [version, stored] of held.versions) {
    versions[version] = versionOf(held, version, baseUrl);
    time[version] = iso(stored.publishedAtMs);
    modifiedAtMs = Math.max(modifiedAtMs, stored.publishedAtMs);
  }
  time["modified"] = iso(modifiedAtMs);
  const distTags = Object.fromEntries(held.distTags);
  const described = versions[held.distTags.get("latest") ?? ""] as Document | undefined;
  return {
    _id: held.name,
    _rev: `${held.versions.size}-${held.distTags.size}`,
    name: held.name,
    ...(typeof described?.["description"] === "string" ? { description: described["description"] } : {}),
    "dist-tags": distTags,
    versions,
    time,
  };
}

export function versionOf(held: StoredPackage, version: string, baseUrl: string): Document | null {
  const stored = held.versions.get(version);
  if (!stored) return null;
  const dist = isDocument(stored.manifest["dist"]) ? stored.manifest["dist"] : {};
  const attestations = stored.provenance
    ? {
        attestations: {
          url: `${baseUrl}-/npm/v1/attestations/${held.name}@${version}`,
          provenance: { predicateType: "https://slsa.dev/provenance/v1" },
        },
      }
    : {};
  return {
    ...stored.manifest,
    dist: { ...dist, tarball: `${baseUrl}${held.name}/-/${stored.fileName}`, ...attestations },
  };
}

/** What installers ask for: only the fields that resolving needs. */
export function abbreviated(packument: Document): Document {
  const versions = Object.entries(packument["versions"] as Record<string, Document>).map(
    ([version, manifest]) => {
      const kept = Object.entries(manifest).filter(([key]) => installFields.has(key));
      return [version, Object.fromEntries(kept)];
    },
  );
  const { name, time } = packument;
  const modified = (time as Document)["modified"];
  return { name, modified, "dist-tags": packument["dist-tags"], versions: Object.fromEntries(versions) };
}

const installFields = new Set(
  (
    "name version deprecated dependencies optionalDependencies devDependencies bundleDependencies peerDependencies " +
    "peerDependenciesMeta bin directories dist engines os cpu libc funding hasInstallScript acceptDependencies"
  ).split(" "),
);

export function isDocument(value: unknown): value is Document {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function fileNameOf(name: string, version: string): string {
  return `${name.replace(/^.*\//, "")}-${version}.tgz`;
}

/** The shape of a version 4 UUID, which clients check, from a text: the same run gives the same ids. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
