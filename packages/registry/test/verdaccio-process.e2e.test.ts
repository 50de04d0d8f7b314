import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  registryClient,
  startVerdaccio,
  type EmbeddedRegistry,
  type VerdaccioOptions,
} from "@slipway/registry";
import { createFaultRegistry } from "@slipway/testkit";
import { afterEach, expect, test } from "vitest";
import { publishRequest } from "./tarballs.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "slipway verdaccio-"));
  closing.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function started(options: Partial<VerdaccioOptions> = {}): Promise<EmbeddedRegistry> {
  const registry = await startVerdaccio({ storage: await scratch(), uplink: null, ...options });
  closing.push(() => registry.close());
  return registry;
}

test("two registries at once share nothing", async () => {
  const [one, two] = await Promise.all([started(), started()]);
  const [a, b] = [one, two].map(({ url }) => registryClient({ url, auth: null }));
  await a?.upload(publishRequest("only-here", "1.0.0"));
  expect(one.url).not.toBe(two.url);
  expect(await b?.view("only-here")).toBeNull();
});

test("what was published is there when it is started again on its storage", async () => {
  const storage = await scratch();
  const first = await started({ storage });
  await registryClient({ url: first.url, auth: null }).upload(publishRequest("kept", "1.0.0"));
  await first.close();
  await first.close();
  const second = await started({ storage });
  expect((await registryClient({ url: second.url, auth: null }).view("kept"))?.distTags).toEqual({
    latest: "1.0.0",
  });
});

test("a port that is taken is said with its number", async () => {
  const { url } = await started();
  const port = Number(new URL(url).port);
  await expect(started({ port })).rejects.toMatchObject({
    code: "host/port-taken",
    message: `port ${port} is in use`,
  });
});

test("a configuration that Verdaccio does not take is said with its own words", async () => {
  const config = join(await scratch(), "broken.yaml");
  await writeFile(config, "packages: [\n");
  await expect(started({ config })).rejects.toMatchObject({ code: "registry/not-started" });
});

test("it ends when its parent is killed", async () => {
  const storage = await scratch();
  const program = fileURLToPath(new URL("./fixtures/start-and-wait.ts", import.meta.url));
  const parent = spawn(process.execPath, ["--conditions=source", program, storage], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [first] = (await once(parent.stdout, "data")) as [Buffer];
  const url = first.toString("utf8").trim();
  expect((await fetch(`${url}-/ping`)).status).toBe(200);
  parent.kill("SIGKILL");
  await expect
    .poll(
      () =>
        fetch(`${url}-/ping`).then(
          () => "up",
          () => "down",
        ),
      { timeout: 10_000 },
    )
    .toBe("down");
});

test("nothing of the caller's environment reaches it", async () => {
  process.env["SLIPWAY_TEST_SECRET"] = "do not pass on";
  const storage = await scratch();
  await started({ storage });
  delete process.env["SLIPWAY_TEST_SECRET"];
  const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").catch(
    () => "",
  );
  const environments = await Promise.all(
    children
      .trim()
      .split(" ")
      .filter(Boolean)
      .map((pid) => readFile(`/proc/${pid}/environ`, "utf8")),
  );
  expect(environments.join("\n")).not.toContain("do not pass on");
});

test("earlier versions come from the uplink, and a publish never goes there", async () => {
  const upstream = createFaultRegistry({ tokens: { mirror: { user: "reader" } } });
  const listening = await upstream.listen();
  closing.push(() => listening.close());
  const old = publishRequest("@acme/kit", "1.0.0");
  upstream.plant({ name: "@acme/kit", version: "1.0.0", tarball: old.bytes, manifest: old.tarball.manifest });
  const { url } = await started({
    uplink: { url: listening.url, auth: { kind: "bearer", token: "mirror" } },
  });
  const client = registryClient({ url, auth: null });

  expect((await client.view("@acme/kit"))?.distTags).toEqual({ latest: "1.0.0" });
  expect(await client.upload(publishRequest("@acme/kit", "1.1.0", { tag: "batch" }))).toEqual({
    outcome: "accepted",
  });
  expect((await client.view("@acme/kit"))?.distTags).toEqual({ latest: "1.0.0", batch: "1.1.0" });
  expect(await client.download("@acme/kit", "1.0.0")).toEqual(Buffer.from(old.bytes));
  expect(await client.upload(publishRequest("@acme/kit", "1.0.0"))).toMatchObject({ outcome: "conflict" });
  expect(await client.setTag("@acme/kit", "latest", "1.1.0")).toEqual({ outcome: "accepted" });
  expect((await client.view("@acme/kit"))?.distTags).toEqual({ latest: "1.1.0", batch: "1.1.0" });

  expect(upstream.seen.filter((request) => request.method !== "GET")).toEqual([]);
  expect(upstream.seen.every((request) => request.authorized)).toBe(true);
  expect(upstream.snapshot()["@acme/kit"]?.distTags).toEqual({ latest: "1.0.0" });
});

test("a tag that is moved back to an older line stays there, whatever the uplink says", async () => {
  const upstream = createFaultRegistry();
  const listening = await upstream.listen();
  closing.push(() => listening.close());
  for (const version of ["1.0.0", "2.0.0"])
    upstream.plant({ name: "kit", version, tarball: publishRequest("kit", version).bytes });
  const { url } = await started({ uplink: { url: listening.url, auth: null } });
  const client = registryClient({ url, auth: null });
  await client.view("kit");
  await client.upload(publishRequest("kit", "1.0.1", { tag: "batch" }));
  await client.setTag("kit", "latest", "1.0.1");
  expect((await client.view("kit"))?.distTags["latest"]).toBe("1.0.1");
});

test("a scope with a registry of its own is read from there", async () => {
  const [main, own] = [createFaultRegistry(), createFaultRegistry()];
  const [mainAt, ownAt] = await Promise.all([main.listen(), own.listen()]);
  closing.push(
    () => mainAt.close(),
    () => ownAt.close(),
  );
  own.plant({ name: "@acme/kit", version: "1.0.0", tarball: publishRequest("@acme/kit", "1.0.0").bytes });
  main.plant({ name: "other", version: "2.0.0", tarball: publishRequest("other", "2.0.0").bytes });
  const scopes = { "@acme": { url: ownAt.url, auth: null } };
  const { url } = await started({ uplink: { url: mainAt.url, auth: null }, scopes });
  const client = registryClient({ url, auth: null });
  expect((await client.view("@acme/kit"))?.distTags).toEqual({ latest: "1.0.0" });
  expect((await client.view("other"))?.distTags).toEqual({ latest: "2.0.0" });
  expect(main.seen.some(({ path }) => path.includes("acme"))).toBe(false);
});

test("with the uplink out of reach, packages are still published and served here", async () => {
  const gone = await createFaultRegistry().listen();
  await gone.close();
  const { url } = await started({ uplink: { url: gone.url, auth: null } });
  const client = registryClient({ url, auth: null });
  await client.view("local").catch(() => null);
  expect(await client.upload(publishRequest("local", "1.0.0"))).toEqual({ outcome: "accepted" });
  expect((await client.view("local"))?.distTags).toEqual({ latest: "1.0.0" });
  expect(await client.download("local", "1.0.0")).not.toBeNull();
});
