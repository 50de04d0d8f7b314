import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { parsed, type Endpoint } from "./endpoint.ts";
import { json, refused } from "./reply.ts";
import { isDocument, type Document } from "./store.ts";

/** The registry's own key: what `npm audit signatures` compares with. */
export class SigningKey {
  readonly id: string;
  readonly publicKey: string;
  private readonly privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = publicKey.export({ type: "spki", format: "der" });
    this.privateKey = privateKey;
    this.publicKey = der.toString("base64");
    this.id = `SHA256:${createHash("sha256").update(der).digest("base64").replace(/=+$/, "")}`;
  }

  /** ECDSA over `name@version:integrity`, as the public registry signs. */
  signatures(name: string, version: string, integrity: string): readonly Document[] {
    const message = Buffer.from(`${name}@${version}:${integrity}`);
    return [{ keyid: this.id, sig: sign("sha256", message, this.privateKey).toString("base64") }];
  }
}

/** `GET /-/npm/v1/keys` */
export function getKeys(key: SigningKey): Endpoint {
  const entry = {
    expires: null,
    keyid: key.id,
    keytype: "ecdsa-sha2-nistp256",
    scheme: "ecdsa-sha2-nistp256",
    key: key.publicKey,
  };
  return () => json(200, { keys: [entry] });
}

/** `GET /-/npm/v1/attestations/NAME@VERSION`: the bundles that came with the version. */
export const getAttestations: Endpoint = (call) => {
  const spec = call.parameters["spec"] ?? "";
  const at = spec.lastIndexOf("@");
  const stored = call.store.packages.get(spec.slice(0, at))?.versions.get(spec.slice(at + 1));
  if (!stored?.provenance) return refused(404, `no attestations for ${spec}`);
  const attestation = {
    predicateType: "https://slsa.dev/provenance/v1",
    bundle: JSON.parse(stored.provenance) as unknown,
  };
  return json(200, { attestations: [attestation] });
};

/**
 * `POST /-/npm/v1/oidc/token/exchange/package/:name`: an identity token that a trusted publisher of the package may
 * bring, for a token that can upload and stage this one package and nothing else.
 */
export function exchangeToken(trusted: ReadonlyMap<string, string>): Endpoint {
  return (call) => {
    const name = call.parameters["name"] ?? "";
    const identity = /^bearer (.+)$/i.exec(call.headers.get("authorization") ?? "")?.[1];
    if (!call.store.packages.has(name)) return json(404, { message: `package ${name} not found` });
    if (identity === undefined || trusted.get(name) !== identity) {
      return json(401, { message: `no trusted publisher of ${name} matches this identity` });
    }
    const token = call.rights.issue({
      user: `oidc:${name}`,
      powers: ["publish", "stage", "read"],
      packages: [name],
    });
    return json(201, { token });
  };
}

/** `POST /-/npm/v1/security/advisories/bulk`: `{name: [versions]}` in, advisories of those versions out. */
export const bulkAdvisories: Endpoint = (call) => {
  const asked = parsed(call);
  if (!isDocument(asked)) return refused(400, "invalid JSON");
  const found: Record<string, unknown> = {};
  for (const [name, versions] of Object.entries(asked)) {
    if (!Array.isArray(versions)) continue;
    const hits = (call.store.advisories.get(name) ?? []).filter((advised) =>
      versions.some((version) => advised.versions.includes(String(version))),
    );
    if (hits.length > 0) found[name] = hits.map((advised) => advised.advisory);
  }
  return json(200, found);
};
