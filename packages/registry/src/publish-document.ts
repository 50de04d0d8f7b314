import { createHash } from "node:crypto";
import type { PackedTarball } from "./packed.ts";
import { readTarball } from "./tar.ts";

export interface PublishRequest {
  readonly tarball: Omit<PackedTarball, "path">;
  readonly bytes: Uint8Array;
  readonly tag: string;
  readonly access: "public" | "restricted" | null;
  /** Served again as the field `slipway` of the version's manifest. */
  readonly metadata: Readonly<Record<string, string>>;
  /** A signed bundle as JSON text: {@link signProvenance}. */
  readonly provenance?: string;
}

/** The body of `PUT /NAME`, as libnpmpublish writes it: one version, one tag, the tarball in base64. */
export function publishDocument(request: PublishRequest, registryUrl: string): Record<string, unknown> {
  const { tarball, bytes } = request;
  const { name, version } = tarball;
  const fileName = `${name}-${version}.tgz`;
  return {
    _id: name,
    name,
    ...(typeof tarball.manifest["description"] === "string"
      ? { description: tarball.manifest["description"] }
      : {}),
    "dist-tags": { [request.tag]: version },
    versions: { [version]: versionDocument(request, new URL(`${name}/-/${fileName}`, registryUrl).href) },
    access: request.access,
    _attachments: {
      [fileName]: {
        content_type: "application/octet-stream",
        data: Buffer.from(bytes).toString("base64"),
        length: bytes.length,
      },
      ...provenanceAttachment(request),
    },
  };
}

function provenanceAttachment({ tarball, provenance }: PublishRequest): Record<string, unknown> {
  if (provenance === undefined) return {};
  const { mediaType } = JSON.parse(provenance) as { mediaType: string };
  const attachment = { content_type: mediaType, data: provenance, length: provenance.length };
  return { [`${tarball.name}-${tarball.version}.sigstore`]: attachment };
}

function versionDocument(
  { tarball, bytes, metadata }: PublishRequest,
  tarballUrl: string,
): Record<string, unknown> {
  return {
    ...tarball.manifest,
    ...readmeOf(bytes),
    _id: `${tarball.name}@${tarball.version}`,
    name: tarball.name,
    version: tarball.version,
    ...(metadata["commit"] ? { gitHead: metadata["commit"] } : {}),
    ...(Object.keys(metadata).length > 0 ? { slipway: metadata } : {}),
    dist: {
      integrity: tarball.integrity,
      shasum: createHash("sha1").update(bytes).digest("hex"),
      // Always http, as npm sends it: registries put their own address here when they serve it.
      tarball: tarballUrl.replace(/^https:/, "http:"),
    },
  };
}

/** The registry's page of a package shows this. */
function readmeOf(bytes: Uint8Array): { readme: string; readmeFilename: string } | Record<string, never> {
  const readmes = readTarball(bytes).filter((entry) => /^readme(\.(md|markdown|txt))?$/i.test(entry.path));
  const readme = readmes.find((entry) => /\.(md|markdown)$/i.test(entry.path)) ?? readmes[0];
  return readme ? { readme: Buffer.from(readme.bytes).toString("utf8"), readmeFilename: readme.path } : {};
}
