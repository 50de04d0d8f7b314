import { FaultRegistry } from "@slipway/testkit";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { release } from "../../src/journeys/release.ts";
import { demoRepository, releaseRequest, type DemoRepository } from "./demo-repository.ts";

let registry: FaultRegistry;
let close: () => Promise<void>;
let demo: DemoRepository;

beforeEach(async () => {
  registry = new FaultRegistry();
  const listening = await registry.listen();
  close = () => listening.close();
  demo = demoRepository(2, listening.url);
});

afterEach(async () => {
  await close();
  demo.remove();
});

const ignore = (): void => undefined;

function distTags(): unknown[] {
  return Object.values(registry.snapshot()).map((each) => each.distTags);
}

/** As releases from the main branch left it. */
function plantReleased(version: string): void {
  for (const name of ["@demo/p0", "@demo/p1"]) {
    registry.plant({ name, version, tarball: Buffer.from(`${name} ${version}`) });
  }
}

test("a release from a maintenance branch moves that branch's dist-tag and leaves latest alone", async () => {
  plantReleased("2.0.0");
  demo.bump("1.0.1");
  demo.git("switch", "--quiet", "--create", "1.x");
  const request = releaseRequest(demo.clone, { GITHUB_REF: "", GITHUB_BASE_REF: "" });
  await expect(release({ ...request, channel: "latest" }, ignore)).rejects.toMatchObject({
    code: "version/beyond-branch",
  });
  expect(registry.counts()["PUT /:name"]).toBe(0);
  expect(await release(request, ignore)).toMatchObject({ state: "finished" });
  const tags = { latest: "2.0.0", "release-1.x": "1.0.1" };
  expect(distTags()).toEqual([tags, tags]);
});

test("a package on a prerelease channel moves the channel's dist-tag, and the others move latest", async () => {
  plantReleased("1.0.0");
  demo.bump("1.1.0");
  const manifest = join(demo.clone, "packages/p1/package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"1.1.0"', '"1.1.0-beta.0"'));
  writeFileSync(
    join(demo.clone, "slipway.json"),
    JSON.stringify({ changesets: { channels: { "@demo/p1": "beta" } } }),
  );
  demo.git("add", "--all");
  demo.git(
    "-c",
    "user.name=demo",
    "-c",
    "user.email=demo@localhost",
    "commit",
    "--quiet",
    "--message",
    "beta",
  );
  const outcome = await release(releaseRequest(demo.clone, { GITHUB_REF: "", GITHUB_BASE_REF: "" }), ignore);
  expect(outcome).toMatchObject({ state: "finished" });
  expect(distTags()).toEqual([{ latest: "1.1.0" }, { latest: "1.0.0", beta: "1.1.0-beta.0" }]);
});
