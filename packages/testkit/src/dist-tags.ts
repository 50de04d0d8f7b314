import { parsed, type Endpoint } from "./endpoint.ts";
import { json, refused } from "./reply.ts";
import { isRange } from "./publish.ts";

/** `GET /-/package/:name/dist-tags` */
export const getTags: Endpoint = (call) => {
  const held = call.store.packages.get(call.parameters["name"] ?? "");
  return held ? json(200, Object.fromEntries(held.distTags)) : refused(404, "no such package available");
};

/** `PUT` and `POST /-/package/:name/dist-tags/:tag`, the version as a JSON string. */
export const putTag: Endpoint = (call) => {
  const { name = "", tag = "" } = call.parameters;
  const refusal = call.rights.refusal(call.headers, "tag", name);
  if (refusal) return refusal;
  const held = call.store.packages.get(name);
  const version = parsed(call);
  if (!held) return refused(404, "no such package available");
  if (isRange(tag)) return refused(400, `Tag name must not be a valid SemVer range: ${tag}`);
  if (typeof version !== "string" || !held.versions.has(version))
    return refused(404, "this version doesn't exist");
  held.distTags.set(tag, version);
  return json(201, { ok: "package tagged" });
};

/** `DELETE /-/package/:name/dist-tags/:tag`: one that is not there is gone, too. */
export const deleteTag: Endpoint = (call) => {
  const { name = "", tag = "" } = call.parameters;
  const refusal = call.rights.refusal(call.headers, "tag", name);
  if (refusal) return refusal;
  const held = call.store.packages.get(name);
  if (!held) return refused(404, "no such package available");
  if (tag === "latest") return refused(400, "the tag latest cannot be removed");
  held.distTags.delete(tag);
  return json(201, { ok: "tag removed" });
};
