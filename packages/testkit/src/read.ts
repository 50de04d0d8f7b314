import type { Call, Endpoint } from "./endpoint.ts";
import { bytes, json, refused } from "./reply.ts";
import { abbreviated, packumentOf, versionOf, type StoredPackage } from "./store.ts";

/** `GET /:name`, whole or abbreviated as the client accepts it. */
export const getPackage: Endpoint = (call) => {
  const held = visible(call);
  if (!held) return refused(404, "no such package available");
  const packument = packumentOf(held, call.baseUrl);
  const short = call.headers.get("accept")?.includes("application/vnd.npm.install-v1+json");
  if (!short) return json(200, packument);
  return json(200, abbreviated(packument), { "content-type": "application/vnd.npm.install-v1+json" });
};

/** `GET /:name/:version`, where the version may be a tag. */
export const getVersion: Endpoint = (call) => {
  const held = visible(call);
  const asked = call.parameters["version"] ?? "";
  const document = held && versionOf(held, held.distTags.get(asked) ?? asked, call.baseUrl);
  return document ? json(200, document) : refused(404, "this version doesn't exist");
};

/** `GET /:name/-/:file` */
export const getTarball: Endpoint = (call) => {
  const tarball = call.store.packages
    .get(call.parameters["name"] ?? "")
    ?.tarballs.get(call.parameters["file"] ?? "");
  return tarball ? bytes(tarball) : refused(404, "no such file available");
};

export const ping: Endpoint = () => json(200, {});

export const whoami: Endpoint = (call) => {
  const credential = call.rights.of(call.headers);
  return credential ? json(200, { username: credential.user }) : refused(401, "You must be logged in.");
};

/** `PUT /-/user/org.couchdb.user:NAME`: whoever asks is known. */
export const logIn: Endpoint = (call) => {
  const user = (call.parameters["user"] ?? "").replace(/^org\.couchdb\.user:/, "");
  return json(201, { ok: `you are authenticated as '${user}'`, token: call.rights.issue({ user }) });
};

/** A package with a tarball and no version is not there for readers. */
function visible(call: Call): StoredPackage | null {
  const held = call.store.packages.get(call.parameters["name"] ?? "");
  return held && held.versions.size > 0 ? held : null;
}
