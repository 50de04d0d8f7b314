import { createHash } from "node:crypto";
import { parsed, type Call, type Endpoint } from "./endpoint.ts";
import { json, refused, type Reply } from "./reply.ts";
import { fileNameOf, isDocument, type Document, type PublishDocument } from "./store.ts";

/** `PUT /:name`: a new version, or (without attachments) the package's document changed, as npm deprecates. */
export const putPackage: Endpoint = (call) => {
  const document = parsed(call);
  if (!isDocument(document)) return refused(400, "invalid JSON");
  if (!isDocument(document["_attachments"]) || Object.keys(document["_attachments"]).length === 0) {
    return changeVersions(call, document);
  }
  const refusal = call.rights.refusal(call.headers, "publish", call.parameters["name"] ?? "");
  if (refusal) return refusal;
  const sound = soundDocument(call, document);
  if ("status" in sound) return sound;
  const taken = numberTaken(call, sound);
  if (taken) return taken;
  call.store.publish(sound, call.nowMs);
  return json(201, { ok: true, success: true, id: sound.name, rev: `1-${sound.version}` });
};

/** `POST /-/stage/package/:name` */
export const stagePackage: Endpoint = (call) => {
  const refusal = call.rights.refusal(call.headers, "stage", call.parameters["name"] ?? "");
  if (refusal) return refusal;
  const document = parsed(call);
  if (!isDocument(document)) return refused(400, "invalid JSON");
  const sound = soundDocument(call, document);
  if ("status" in sound) return sound;
  const taken = numberTaken(call, sound);
  if (taken) return taken;
  const staged = call.store.stage(sound, call.nowMs);
  return json(201, { ok: true, stageId: staged.id });
};

function numberTaken(call: Call, document: PublishDocument): Reply | null {
  const { name, version, fileName } = document;
  const held = call.store.packages.get(name);
  if (held?.versions.has(version)) {
    return refused(403, `You cannot publish over the previously published versions: ${version}.`);
  }
  if (call.store.stagedAs(name, version)) {
    return refused(409, `Cannot publish over previously staged version ${version}.`);
  }
  // An orphan: what Verdaccio 6 leaves of a cut upload, and refuses for ever.
  if (held?.tarballs.has(fileName)) return refused(409, "this package is already present");
  return null;
}

/** A reply says what is wrong with the body. */
function soundDocument(call: Call, document: Document): PublishDocument | Reply {
  const name = call.parameters["name"] ?? "";
  const versions = isDocument(document["versions"]) ? Object.entries(document["versions"]) : [];
  const [tag] = Object.keys(isDocument(document["dist-tags"]) ? document["dist-tags"] : {});
  const [version, manifest] = versions[0] ?? [];
  if (document["name"] !== name || versions.length !== 1 || !version || !isDocument(manifest)) {
    return refused(400, "the document names no version, more than one, or another package");
  }
  if (tag === undefined || isRange(tag))
    return refused(400, `Tag name must not be a valid SemVer range: ${tag}`);
  const attachments = attachmentsOf(document);
  if (!attachments) return refused(400, "the attachment is cut off or not base64");
  const { tarball, provenance } = attachments;
  const fault = digestFault(manifest, tarball);
  if (fault) return refused(400, fault);
  return { name, version, manifest, tag, fileName: fileNameOf(name, version), tarball, provenance };
}

function attachmentsOf(document: Document): { tarball: Uint8Array; provenance: string | null } | null {
  let tarball: Uint8Array | null = null;
  let provenance: string | null = null;
  for (const [fileName, attachment] of Object.entries(document["_attachments"] as Document)) {
    if (!isDocument(attachment) || typeof attachment["data"] !== "string") return null;
    if (fileName.endsWith(".sigstore")) {
      provenance = attachment["data"];
      continue;
    }
    tarball = Buffer.from(attachment["data"], "base64");
    if (typeof attachment["length"] === "number" && attachment["length"] !== tarball.length) return null;
  }
  return tarball && { tarball, provenance };
}

function digestFault(manifest: Document, tarball: Uint8Array): string | null {
  const dist = isDocument(manifest["dist"]) ? manifest["dist"] : {};
  const sha512 = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const sha1 = createHash("sha1").update(tarball).digest("hex");
  if (dist["integrity"] !== undefined && dist["integrity"] !== sha512)
    return "integrity does not match the attachment";
  if (dist["shasum"] !== undefined && dist["shasum"] !== sha1) return "shasum does not match the attachment";
  return null;
}

/** Only the message of deprecation can change: bytes and manifests of published versions stay. */
function changeVersions(call: Call, document: Document): Reply {
  const name = call.parameters["name"] ?? "";
  const refusal = call.rights.refusal(call.headers, "deprecate", name);
  if (refusal) return refusal;
  const held = call.store.packages.get(name);
  if (!held) return refused(404, "no such package available");
  for (const [version, manifest] of Object.entries(
    isDocument(document["versions"]) ? document["versions"] : {},
  )) {
    const stored = held.versions.get(version);
    if (!stored || !isDocument(manifest)) continue;
    const { deprecated: _, ...kept } = stored.manifest;
    const message = manifest["deprecated"];
    const changed = typeof message === "string" && message !== "" ? { ...kept, deprecated: message } : kept;
    held.versions.set(version, { ...stored, manifest: changed });
  }
  return json(201, { ok: true, success: true });
}

/** `1`, `v1.2`, `^3`, `latest`: what npm refuses as a tag because installing could not tell it from a range. */
export function isRange(tag: string): boolean {
  return /^[v=^~<>]*\s*\d+(\.(\d+|[xX*])){0,2}([-+][\w.-]+)?$|^[*xX]$/.test(tag.trim());
}
