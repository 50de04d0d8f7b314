import { integrityOf, sha256 } from "@slipway/kernel";
import { gzip, writeTar, type PublishRequest } from "@slipway/registry";

/** A request to publish a package of one file, for tests that do not care what is in it. */
export function publishRequest(
  name: string,
  version: string,
  over: Partial<PublishRequest> & { content?: string } = {},
): PublishRequest {
  const { content = "module.exports = 1;\n", ...rest } = over;
  const manifest = { name, version, main: "index.js", description: `the package ${name}` };
  const tar = writeTar([
    { path: "package/README.md", mode: 0o644, bytes: Buffer.from(`# ${name}\n`) },
    { path: "package/index.js", mode: 0o644, bytes: Buffer.from(content) },
    { path: "package/package.json", mode: 0o644, bytes: Buffer.from(JSON.stringify(manifest)) },
  ]);
  const bytes = gzip(tar);
  const files = ["README.md", "index.js", "package.json"];
  const digests = { integrity: integrityOf(bytes), tarSha256: sha256(tar), sizeBytes: bytes.length };
  return {
    tarball: { name, version, ...digests, files, manifest },
    bytes,
    tag: "latest",
    access: "public",
    metadata: {},
    ...rest,
  };
}
