import { createPublicKey, verify } from "node:crypto";
import { gzipSync } from "node:zlib";
import { createFaultRegistry } from "@slipway/testkit";
import { describe, expect, test } from "vitest";
import { ask, publishBody, put } from "./publishing.ts";

type Json = Record<string, unknown>;

async function json(response: Response): Promise<Json> {
  return (await response.json()) as Json;
}

describe("staged publishing", () => {
  const stage = (body: string) => ask("/-/stage/package/@acme%2fkit", { method: "POST", body });

  test("a staged version is there for nobody until it is approved, and takes its number at once", async () => {
    const registry = createFaultRegistry();
    const { stageId } = await json(await registry.handle(stage(publishBody("@acme/kit", "1.0.0"))));
    expect(stageId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(registry.snapshot()).toEqual({});
    expect(registry.staged()).toEqual({ "@acme/kit@1.0.0": stageId });
    const second = await registry.handle(stage(publishBody("@acme/kit", "1.0.0")));
    expect([second.status, await second.text()]).toEqual([
      409,
      '{"error":"Cannot publish over previously staged version 1.0.0."}',
    ]);
    expect((await registry.handle(put("@acme/kit", publishBody("@acme/kit", "1.0.0")))).status).toBe(409);

    const tarball = await registry.handle(ask(`/-/stage/${stageId as string}/tarball`));
    expect(await tarball.text()).toBe("@acme/kit@1.0.0");
    expect(
      (await registry.handle(ask(`/-/stage/${stageId as string}/approve`, { method: "POST" }))).status,
    ).toBe(200);
    expect(registry.snapshot()["@acme/kit"]?.distTags).toEqual({ latest: "1.0.0" });
    expect(registry.staged()).toEqual({});
    expect(
      (await registry.handle(ask(`/-/stage/${stageId as string}/approve`, { method: "POST" }))).status,
    ).toBe(404);
  });

  test("a rejected one leaves its number free", async () => {
    const registry = createFaultRegistry();
    const { stageId } = await json(await registry.handle(stage(publishBody("@acme/kit", "1.0.0"))));
    expect((await registry.handle(ask(`/-/stage/${stageId as string}`, { method: "DELETE" }))).status).toBe(
      204,
    );
    expect((await registry.handle(stage(publishBody("@acme/kit", "1.0.0")))).status).toBe(201);
  });

  test("the list comes in pages and by package", async () => {
    const registry = createFaultRegistry();
    for (const version of ["1.0.0", "1.0.1", "1.0.2"])
      await registry.handle(stage(publishBody("@acme/kit", version)));
    await registry.handle(
      ask("/-/stage/package/other", { method: "POST", body: publishBody("other", "2.0.0") }),
    );
    const page = await json(await registry.handle(ask("/-/stage?page=1&perPage=2&package=@acme%2fkit")));
    expect(page).toMatchObject({
      total: 3,
      items: [{ packageName: "@acme/kit", version: "1.0.2", tag: "latest" }],
    });
  });
});

describe("rights", () => {
  const tokens = {
    all: { user: "owner" },
    upload: { user: "ci", powers: ["publish", "stage"] },
    other: { user: "guest", packages: ["other"] },
    careful: { user: "careful", otp: "123456" },
  } as const;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test("without a token nothing is written, with one what it may", async () => {
    const registry = createFaultRegistry({ tokens });
    const publish = async (version: string, headers: Record<string, string>) =>
      (await registry.handle(put("kit", publishBody("kit", version), headers))).status;
    expect(await publish("1.0.0", {})).toBe(401);
    expect(await publish("1.0.0", bearer("wrong"))).toBe(401);
    expect(await publish("1.0.0", bearer("other"))).toBe(403);
    expect(await publish("1.0.0", bearer("upload"))).toBe(201);
    expect(
      await publish("1.0.1", { authorization: `Basic ${Buffer.from("me:all").toString("base64")}` }),
    ).toBe(201);
    const tag = ask("/-/package/kit/dist-tags/next", {
      method: "PUT",
      body: '"1.0.0"',
      headers: bearer("upload"),
    });
    expect((await registry.handle(tag)).status).toBe(403);
  });

  test("a one-time password is asked for in npm's words", async () => {
    const registry = createFaultRegistry({ tokens });
    const refused = await registry.handle(put("kit", publishBody("kit", "1.0.0"), bearer("careful")));
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "OTP"]);
    const headers = { ...bearer("careful"), "npm-otp": "123456" };
    expect((await registry.handle(put("kit", publishBody("kit", "1.0.0"), headers))).status).toBe(201);
  });

  test("an exchanged identity can upload and stage one package, and nothing else", async () => {
    const registry = createFaultRegistry({ tokens });
    registry.plant({ name: "kit", version: "1.0.0", tarball: Buffer.from("1") });
    registry.plant({ name: "other", version: "1.0.0", tarball: Buffer.from("1") });
    registry.trust("kit", "identity");
    const exchange = (name: string, identity: string) =>
      registry.handle(
        ask(`/-/npm/v1/oidc/token/exchange/package/${name}`, { method: "POST", headers: bearer(identity) }),
      );
    expect((await exchange("kit", "someone else")).status).toBe(401);
    expect((await exchange("other", "identity")).status).toBe(401);
    expect((await exchange("not-there-yet", "identity")).status).toBe(404);
    const { token } = await json(await exchange("kit", "identity"));
    const headers = bearer(token as string);
    expect((await registry.handle(put("kit", publishBody("kit", "1.1.0"), headers))).status).toBe(201);
    expect((await registry.handle(put("other", publishBody("other", "1.1.0"), headers))).status).toBe(403);
    const tag = ask("/-/package/kit/dist-tags/next", { method: "PUT", body: '"1.0.0"', headers });
    expect((await registry.handle(tag)).status).toBe(403);
    expect(await json(await registry.handle(ask("/-/whoami", { headers })))).toEqual({
      username: "oidc:kit",
    });
  });
});

describe("evidence", () => {
  test("every version is signed with the key that the registry serves", async () => {
    const registry = createFaultRegistry();
    await registry.handle(put("kit", publishBody("kit", "1.0.0")));
    const { keys } = (await json(await registry.handle(ask("/-/npm/v1/keys")))) as {
      keys: { keyid: string; key: string }[];
    };
    const { dist } = (await json(await registry.handle(ask("/kit/1.0.0")))) as {
      dist: { integrity: string; signatures: { keyid: string; sig: string }[] };
    };
    const [key, signature] = [keys[0], dist.signatures[0]];
    expect(signature?.keyid).toBe(key?.keyid);
    const publicKey = createPublicKey({
      key: Buffer.from(key?.key ?? "", "base64"),
      format: "der",
      type: "spki",
    });
    const sig = Buffer.from(signature?.sig ?? "", "base64");
    expect(verify("sha256", Buffer.from(`kit@1.0.0:${dist.integrity}`), publicKey, sig)).toBe(true);
    expect(verify("sha256", Buffer.from(`kit@1.0.1:${dist.integrity}`), publicKey, sig)).toBe(false);
  });

  test("provenance that comes with a publish is served with its version", async () => {
    const registry = createFaultRegistry();
    const provenance = JSON.stringify({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json" });
    await registry.handle(put("@acme/kit", publishBody("@acme/kit", "1.0.0", { provenance })));
    await registry.handle(put("@acme/kit", publishBody("@acme/kit", "1.0.1")));
    const version = await json(await registry.handle(ask("/@acme%2fkit/1.0.0")));
    const { attestations } = version["dist"] as { attestations: { url: string } };
    const served = await json(await registry.handle(new Request(attestations.url)));
    expect(served).toMatchObject({ attestations: [{ bundle: JSON.parse(provenance) as Json }] });
    expect((await registry.handle(ask("/-/npm/v1/attestations/@acme%2fkit@1.0.1"))).status).toBe(404);
  });

  test("advisories are told of the versions that are asked for, zipped or not", async () => {
    const registry = createFaultRegistry();
    registry.advise("kit", ["1.0.0"], {
      id: 1,
      title: "bad",
      severity: "high",
      vulnerable_versions: "1.0.0",
    });
    const body = JSON.stringify({ kit: ["1.0.0", "1.1.0"], other: ["1.0.0"] });
    const found = { kit: [{ id: 1, title: "bad", severity: "high", vulnerable_versions: "1.0.0" }] };
    const path = "/-/npm/v1/security/advisories/bulk";
    expect(await json(await registry.handle(ask(path, { method: "POST", body })))).toEqual(found);
    const zipped = new Request(`http://registry.test${path}`, {
      method: "POST",
      body: gzipSync(body),
      headers: { "content-encoding": "gzip" },
    });
    expect(await json(await registry.handle(zipped))).toEqual(found);
    expect(
      await json(await registry.handle(ask(path, { method: "POST", body: '{"kit":["1.1.0"]}' }))),
    ).toEqual({});
  });
});

describe("a publish document", () => {
  test.each([
    ["without a version", { versions: {} }],
    ["of another package", { name: "other" }],
    ["with a range for a tag", { "dist-tags": { "1.x": "1.0.0" } }],
    ["whose tarball is cut off", { _attachments: { "kit-1.0.0.tgz": { data: "AAAA", length: 4_000 } } }],
    ["whose digest is of other bytes", { _attachments: { "kit-1.0.0.tgz": { data: "AAAA", length: 3 } } }],
  ])("%s is refused and leaves nothing, not even a tarball", async (_, over) => {
    const registry = createFaultRegistry();
    const body = JSON.stringify({ ...(JSON.parse(publishBody("kit", "1.0.0")) as Json), ...over });
    expect((await registry.handle(put("kit", body))).status).toBe(400);
    expect(registry.snapshot()).toEqual({});
    expect((await registry.handle(ask("/kit/-/kit-1.0.0.tgz"))).status).toBe(404);
    expect((await registry.handle(put("kit", publishBody("kit", "1.0.0")))).status).toBe(201);
  });
});
