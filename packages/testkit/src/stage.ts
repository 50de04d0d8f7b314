import type { Call, Endpoint } from "./endpoint.ts";
import { bytes, json, refused, type Reply } from "./reply.ts";
import type { StagedVersion } from "./store.ts";

/** `GET /-/stage?page&perPage&package`, pages counted from 0. */
export const listStaged: Endpoint = (call) => {
  const refusal = call.rights.refusal(call.headers, "read", call.url.searchParams.get("package") ?? "");
  if (refusal) return refusal;
  const wanted = call.url.searchParams.get("package");
  const page = Number(call.url.searchParams.get("page") ?? 0);
  const perPage = Math.min(100, Number(call.url.searchParams.get("perPage") ?? 100));
  const all = [...call.store.staged.values()].filter((staged) => wanted === null || staged.name === wanted);
  const items = all.slice(page * perPage, (page + 1) * perPage).map(describe);
  return json(200, { items, total: all.length, page, perPage });
};

/** `GET /-/stage/:id` */
export const getStaged: Endpoint = (call) => withStaged(call, (staged) => json(200, describe(staged)));

/** `GET /-/stage/:id/tarball` */
export const getStagedTarball: Endpoint = (call) =>
  withStaged(call, (staged) => bytes(staged.document.tarball));

/** `POST /-/stage/:id/approve`: only now is the version there. */
export const approveStaged: Endpoint = (call) =>
  withStaged(call, (staged) => {
    const refusal = call.rights.refusal(call.headers, "approve", staged.name);
    if (refusal) return refusal;
    call.store.staged.delete(staged.id);
    call.store.publish(staged.document, call.nowMs);
    return json(200, { ok: true, packageName: staged.name, version: staged.version });
  });

/** `DELETE /-/stage/:id` */
export const rejectStaged: Endpoint = (call) =>
  withStaged(call, (staged) => {
    const refusal = call.rights.refusal(call.headers, "approve", staged.name);
    if (refusal) return refusal;
    call.store.staged.delete(staged.id);
    return { status: 204, headers: {}, body: new Uint8Array() };
  });

function withStaged(call: Call, act: (staged: StagedVersion) => Reply): Reply {
  const staged = call.store.staged.get(call.parameters["id"] ?? "");
  return staged ? act(staged) : refused(404, "no such staged package");
}

function describe(staged: StagedVersion): Record<string, unknown> {
  const { manifest } = staged.document;
  const dist = manifest["dist"] as { integrity?: unknown; shasum?: unknown } | undefined;
  return {
    id: staged.id,
    packageName: staged.name,
    version: staged.version,
    tag: staged.tag,
    createdAt: new Date(staged.stagedAtMs).toISOString(),
    actor: "test",
    actorType: "user",
    shasum: dist?.shasum,
    integrity: dist?.integrity,
  };
}
