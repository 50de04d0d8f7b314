import { integrityOf } from "@slipway/kernel";
import { registryClient, stagingClient, type ClientOptions } from "@slipway/registry";
import { createFaultRegistry, type Fault, type FaultRegistryOptions } from "@slipway/testkit";
import { afterEach, expect, test } from "vitest";
import { publishRequest } from "./tarballs.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function started(options: ClientOptions = {}, registryOptions: FaultRegistryOptions = {}) {
  const registry = createFaultRegistry(registryOptions);
  const listening = await registry.listen();
  closing.push(() => listening.close());
  const target = { url: listening.url, auth: { kind: "bearer", token: "secret" } } as const;
  const quick = { idleTimeoutMs: 300, wait: async () => undefined, ...options };
  return { registry, staging: stagingClient(target, quick), client: registryClient(target, quick) };
}

test("what is staged is listed, downloads as the same bytes, and is there for users once it is approved", async () => {
  const { registry, staging, client } = await started();
  const request = publishRequest("@acme/kit", "1.0.0", { tag: "batch" });
  const answer = await staging.stage(request);
  expect(answer).toEqual({ outcome: "accepted", id: registry.staged()["@acme/kit@1.0.0"] });
  expect(await client.view("@acme/kit")).toBeNull();
  const [staged] = await staging.list("@acme/kit");
  expect(staged).toMatchObject({
    name: "@acme/kit",
    version: "1.0.0",
    tag: "batch",
    integrity: request.tarball.integrity,
  });
  if (!staged) return;
  expect(integrityOf((await staging.download(staged)) ?? new Uint8Array())).toBe(request.tarball.integrity);
  expect(await staging.approve(staged)).toEqual({ outcome: "accepted" });
  expect((await client.view("@acme/kit"))?.versions["1.0.0"]?.integrity).toBe(request.tarball.integrity);
  expect(await staging.list()).toEqual([]);
});

test("all pages of the list are read", async () => {
  const { staging } = await started();
  for (let patch = 0; patch < 120; patch++) await staging.stage(publishRequest("kit", `1.0.${patch}`));
  await staging.stage(publishRequest("other", "1.0.0"));
  expect(await staging.list()).toHaveLength(121);
  expect(await staging.list("kit")).toHaveLength(120);
});

test("a rejected version can be staged again, one that waits cannot", async () => {
  const { staging } = await started();
  await staging.stage(publishRequest("kit", "1.0.0"));
  expect(await staging.stage(publishRequest("kit", "1.0.0"))).toMatchObject({ outcome: "conflict" });
  const [staged] = await staging.list("kit");
  if (staged) expect(await staging.reject(staged)).toEqual({ outcome: "accepted" });
  expect(await staging.stage(publishRequest("kit", "1.0.0"))).toMatchObject({ outcome: "accepted" });
});

test.each<Fault>([
  { reply: 503, committed: true },
  { reply: 504, committed: true },
  { reply: "reset", committed: true },
  { reply: "timeout", committed: true },
  "half",
  { reply: "page", committed: true },
  { reply: "redirect", committed: true },
  { reply: "empty", committed: true },
])("a lost reply is unknown for staging and approving, and the list tells: %j", async (fault) => {
  const { registry, staging, client } = await started();
  registry.failNext("POST /-/stage/package/:name", fault);
  expect(await staging.stage(publishRequest("kit", "1.0.0"))).toMatchObject({ outcome: "unknown" });
  const [staged] = await staging.list("kit");
  expect(staged?.version).toBe("1.0.0");
  if (!staged) return;
  registry.failNext("POST /-/stage/:id/approve", fault);
  const approved = await staging.approve(staged);
  // Approving has no body to wait for: an empty 200 is an answer.
  expect(approved.outcome).toBe(
    typeof fault === "object" && fault.reply === "empty" ? "accepted" : "unknown",
  );
  expect(await staging.list("kit")).toEqual([]);
  expect((await client.view("kit"))?.distTags).toEqual({ latest: "1.0.0" });
});

test("the second factor is asked for, for staging and for approving", async () => {
  const tokens = { secret: { user: "person", otp: "424242" } };
  let asked = 0;
  const { staging } = await started({ otp: async () => (asked++, "424242") }, { tokens });
  expect(await staging.stage(publishRequest("kit", "1.0.0"))).toMatchObject({ outcome: "accepted" });
  const [staged] = await staging.list("kit");
  if (staged) expect(await staging.approve(staged)).toEqual({ outcome: "accepted" });
  expect(asked, "one password does for what follows").toBe(1);
});

test("a registry that knows no staging has nothing staged", async () => {
  const { registry, staging } = await started();
  registry.failNext("GET /-/stage", 404);
  expect(await staging.list("kit")).toEqual([]);
});
