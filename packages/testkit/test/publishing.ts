import { createHash } from "node:crypto";

/** The body of a publish: what npm sends, for a tarball of any bytes. */
export function publishBody(
  name: string,
  version: string,
  over: { tag?: string; tarball?: Uint8Array; provenance?: string } = {},
): string {
  const tarball = over.tarball ?? Buffer.from(`${name}@${version}`);
  const fileName = `${name}-${version}`;
  const dist = { integrity: integrityOf(tarball), shasum: createHash("sha1").update(tarball).digest("hex") };
  const attachment = {
    content_type: "application/octet-stream",
    data: Buffer.from(tarball).toString("base64"),
    length: tarball.length,
  };
  const bundle = over.provenance && {
    [`${fileName}.sigstore`]: { content_type: "application/json", data: over.provenance },
  };
  return JSON.stringify({
    _id: name,
    name,
    "dist-tags": { [over.tag ?? "latest"]: version },
    versions: { [version]: { name, version, dist } },
    _attachments: { [`${fileName}.tgz`]: attachment, ...bundle },
  });
}

export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/** A request to a registry that is spoken to without a socket. */
export function ask(
  path: string,
  options: { method?: string; body?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Request {
  return new Request(`http://registry.test${path}`, options);
}

export function put(name: string, body: string, headers: Record<string, string> = {}): Request {
  return ask(`/${name.replace("/", "%2f")}`, {
    method: "PUT",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
}
