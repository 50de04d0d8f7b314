import { createFaultRegistry, type Listening } from "@slipway/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openUplinkLens, registryClient, type UplinkLens } from "../src/index.ts";

const registry = createFaultRegistry({ seed: 1 });
let server: Listening;
let lens: UplinkLens;

beforeEach(async () => {
  server = await registry.listen();
  lens = await openUplinkLens({ registry: { url: server.url, auth: null }, scopes: {} });
  for (const version of ["1.0.0", "1.1.0", "1.2.0", "2.0.0"]) {
    registry.plant({ name: "@acme/core", version, tarball: Buffer.from(`bytes of ${version}`) });
  }
});

afterEach(async () => {
  await lens.close();
  await server.close();
});

test("a package is seen as it was before a version, and latest with it", async () => {
  lens.hideFrom("@acme/core", "1.2.0");
  const view = await registryClient({ url: lens.url, auth: null }).view("@acme/core");
  expect(Object.keys(view?.versions ?? {})).toEqual(["1.0.0", "1.1.0"]);
  expect(view?.distTags).toEqual({ latest: "1.1.0" });
});

test("what is not hidden is seen as it is, and tarballs are read through the lens", async () => {
  const client = registryClient({ url: lens.url, auth: null });
  const view = await client.view("@acme/core");
  expect(view?.distTags).toEqual({ latest: "2.0.0" });
  const dist = view?.versions["1.1.0"]?.manifest["dist"] as { tarball: string };
  expect(dist.tarball.startsWith(lens.url)).toBe(true);
  expect(Buffer.from((await client.download("@acme/core", "1.1.0")) ?? "").toString()).toBe("bytes of 1.1.0");
});

test("a package that is not there is not there, and nothing can be written", async () => {
  const client = registryClient({ url: lens.url, auth: null });
  expect(await client.view("@acme/nothing")).toBe(null);
  const before = registry.seen.filter(({ method }) => method === "PUT").length;
  const answer = await client.setTag("@acme/core", "latest", "1.0.0");
  expect(answer.outcome).not.toBe("accepted");
  expect(registry.seen.filter(({ method }) => method === "PUT").length).toBe(before);
});

test("of a package whose every version is hidden nothing is left", async () => {
  lens.hideFrom("@acme/core", "1.0.0");
  const view = await registryClient({ url: lens.url, auth: null }).view("@acme/core");
  expect(view === null || Object.keys(view.versions).length === 0).toBe(true);
});
