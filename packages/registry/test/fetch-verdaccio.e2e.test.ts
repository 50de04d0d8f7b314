import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchVerdaccio } from "@slipway/registry";
import { createFaultRegistry, type FaultRegistry } from "@slipway/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { publishRequest } from "./tarballs.ts";

let registry: FaultRegistry;
let url = "";
let dir = "";
const closing: (() => Promise<unknown>)[] = [];
const stand = publishRequest("verdaccio", "6.10.4");

beforeEach(async () => {
  process.env["npm_config_fetch_retries"] = "0";
  closing.push(async () => delete process.env["npm_config_fetch_retries"]);
  registry = createFaultRegistry();
  const listening = await registry.listen();
  url = listening.url;
  dir = await mkdtemp(join(tmpdir(), "slipway fetch-"));
  closing.push(
    () => listening.close(),
    () => rm(dir, { recursive: true, force: true }),
  );
  registry.plant({
    name: "verdaccio",
    version: "6.10.4",
    tarball: stand.bytes,
    manifest: stand.tarball.manifest,
  });
  const wanted = { name: "lock", version: "0.0.0", dependencies: { verdaccio: "6.10.4" } };
  const entry = { version: "6.10.4", integrity: stand.tarball.integrity };
  const lock = { ...wanted, lockfileVersion: 3, packages: { "": wanted, "node_modules/verdaccio": entry } };
  await writeFile(join(dir, "package.json"), JSON.stringify(wanted));
  await writeFile(join(dir, "package-lock.json"), JSON.stringify(lock));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const fetched = () =>
  fetchVerdaccio({ cacheDir: join(dir, "cache"), registry: { url, auth: null }, lockDir: dir });

test("two who fetch it at once get one whole copy, and the next one asks nobody", async () => {
  const homes = await Promise.all([fetched(), fetched()]);
  expect(new Set(homes).size).toBe(1);
  expect(await readFile(join(homes[0], "index.js"), "utf8")).toBe("module.exports = 1;\n");
  expect(await readdir(join(dir, "cache/verdaccio"))).toHaveLength(1);
  const requests = registry.seen.length;
  expect(await fetched()).toBe(homes[0]);
  expect(registry.seen).toHaveLength(requests);
});

test("bytes that are not those of the lock are refused, and nothing stays behind", async () => {
  registry.failEvery("GET /:name/-/:file", 1, "foreign-bytes");
  await expect(fetched()).rejects.toMatchObject({ code: "registry/not-started" });
  expect(await readdir(join(dir, "cache/verdaccio"))).toEqual([]);
});
