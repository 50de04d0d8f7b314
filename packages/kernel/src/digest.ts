import { createHash, hash } from "node:crypto";
import { canonicalJson } from "./json.ts";

/** SHA-256 as 64 lower-case hex digits. */
export type Sha256 = string;

/** A subresource integrity string as npm writes it: `sha512-` and base64. */
export type Integrity = `sha512-${string}`;

export function sha256(data: string | Uint8Array): Sha256 {
  return hash("sha256", data, "hex");
}

export function integrityOf(bytes: Uint8Array): Integrity {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/** The digest of a value's canonical JSON: what plans are locked and approved by. */
export function digestOf(value: unknown): Sha256 {
  return sha256(canonicalJson(value));
}
