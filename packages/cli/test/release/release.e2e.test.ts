import { FaultRegistry } from "@slipway/testkit";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { release, releaseSealed, seal } from "../../src/journeys/release.ts";
import type { ReleaseStory } from "../../src/journeys/release/request.ts";
import { demoRepository, releaseRequest, type DemoRepository } from "./demo-repository.ts";

let registry: FaultRegistry;
let close: () => Promise<void>;
let demo: DemoRepository;

beforeEach(async () => {
  registry = new FaultRegistry();
  const listening = await registry.listen();
  close = () => listening.close();
  demo = demoRepository(3, listening.url);
});

afterEach(async () => {
  await close();
  demo.remove();
});

const ignore = (): void => undefined;

function tagsOnOrigin(): string[] {
  const lines = demo.git("ls-remote", "--tags", "origin").split("\n");
  return lines.flatMap((line) => /^(\w+)\trefs\/tags\/(.+)\^\{\}$/.exec(line)?.slice(1).join(" ") ?? []);
}

function distTags(): unknown[] {
  return Object.values(registry.snapshot()).map((each) => each.distTags);
}

test("a release builds, judges, publishes, promotes and tags; run again it finds nothing to do", async () => {
  const commit = demo.bump("1.0.0");
  const planted = join(demo.clone, ".git/hooks/pre-push");
  mkdirSync(join(planted, ".."), { recursive: true });
  for (const hook of ["pre-push", "reference-transaction"]) {
    writeFileSync(join(planted, `../${hook}`), `#!/bin/sh\ntouch ${join(demo.folder, "hook-ran")}\n`);
    chmodSync(join(planted, `../${hook}`), 0o755);
  }
  const stories: ReleaseStory[] = [];
  const outcome = await release(releaseRequest(demo.clone), (story) => stories.push(story));
  expect(outcome).toMatchObject({
    state: "finished",
    released: [{ name: "@demo/p0" }, { name: "@demo/p1" }, { name: "@demo/p2" }],
  });
  expect(distTags()).toEqual([{ latest: "1.0.0" }, { latest: "1.0.0" }, { latest: "1.0.0" }]);
  const [batch, ...others] = tagsOnOrigin().toReversed();
  expect(others.toReversed()).toEqual([0, 1, 2].map((at) => `${commit} @demo/p${at}@1.0.0`));
  expect(batch).toMatch(new RegExp(`^${commit} release-[0-9a-f]{12}$`));
  expect(demo.git("ls-remote", "origin", "refs/slipway/*"), "the lock is given back").toBe("");
  expect(existsSync(join(demo.folder, "hook-ran")), "no hook of the repository runs").toBe(false);
  const verdicts = stories.flatMap((story) => (story.type === "gate" ? [story.result.verdict.outcome] : []));
  expect(verdicts).not.toContain("fail");
  expect(verdicts).toHaveLength(24);
  expect(demo.git("status", "--porcelain")).toBe("");
  const before = registry.seen.length;
  expect(await release(releaseRequest(demo.clone), ignore)).toEqual({ state: "nothing" });
  expect(registry.seen.length - before, "one request a package finds that nothing is left").toBe(3);
});

test("a release takes eight requests a package, planning included, and one more look at the last", async () => {
  demo.bump("1.1.0");
  for (const at of [0, 1, 2]) {
    const manifest = { name: `@demo/p${at}`, version: "1.0.0" };
    registry.plant({ ...manifest, tarball: new Uint8Array([at]), manifest });
  }
  expect(await release(releaseRequest(demo.clone), ignore)).toMatchObject({ state: "finished" });
  expect(registry.seen).toHaveLength(3 * 9 + 1);
  expect(registry.counts()).toMatchObject({
    // To plan with, to see it, to see where its dist-tags ended; and by the staging registry, which looks for older versions.
    "GET /:name": 3 * 4 + 1,
    "GET /:name/-/:file": 3,
    "PUT /:name": 3,
    "PUT /-/package/:name/dist-tags/:tag": 3,
    // One that nobody has, which proves the right to, and that of the batch.
    "DELETE /-/package/:name/dist-tags/:tag": 3 * 2,
  });
});

test("a batch that is refused in the middle stays invisible, and another machine ends it with other builds", async () => {
  demo.bump("1.0.0");
  await release(releaseRequest(demo.clone), ignore);
  demo.bump("1.1.0");
  // Refused for good: the third package of this batch, and only it.
  const uploads = registry.counts()["PUT /:name"];
  const refuse = (): void => registry.failNext("PUT /:name", 403);
  const first = await release(releaseRequest(demo.clone), (story) => {
    const isSecond = registry.counts()["PUT /:name"] === uploads + 2;
    if (story.type === "release" && story.event.type === "uploaded" && isSecond) refuse();
  });
  expect(first).toMatchObject({ state: "unfinished", released: [], failures: [{ outcome: "permanent" }] });
  const half = registry.snapshot();
  for (const name of ["@demo/p0", "@demo/p1", "@demo/p2"])
    expect(half[name]?.distTags["latest"]).toBe("1.0.0");
  expect(tagsOnOrigin().filter((tag) => tag.endsWith("1.1.0"))).toEqual([]);

  const second = await release(releaseRequest(demo.anotherMachine()), ignore);
  expect(second).toMatchObject({ state: "finished" });
  const whole = registry.snapshot();
  expect(distTags()).toEqual([{ latest: "1.1.0" }, { latest: "1.1.0" }, { latest: "1.1.0" }]);
  for (const name of ["@demo/p0", "@demo/p1"]) {
    expect(whole[name]?.versions["1.1.0"], "adopted as served").toBe(half[name]?.versions["1.1.0"]);
  }
  expect(tagsOnOrigin().filter((tag) => tag.endsWith("1.1.0"))).toHaveLength(3);
});

test("two machines with builds of their own end with one release, whoever was first with what", async () => {
  demo.bump("1.0.0");
  const [one, two] = [demo.anotherMachine(), demo.anotherMachine()];
  // As on a remote that takes no lock: nothing keeps them apart.
  const unlocked = (root: string): void => {
    writeFileSync(join(root, "slipway.json"), JSON.stringify({ release: { lock: false } }));
    writeFileSync(join(root, ".git/info/exclude"), "slipway.json\n");
  };
  unlocked(one);
  unlocked(two);
  const both = await Promise.allSettled([one, two].map((root) => release(releaseRequest(root), ignore)));
  for (const [at, outcome] of both.entries()) {
    if (outcome.status === "fulfilled" && /finished|nothing/.test(outcome.value.state)) continue;
    // The staging registry of one reads through to what the other had uploaded since it was planned.
    if (outcome.status === "rejected")
      expect(outcome.reason).toMatchObject({ code: "registry/staging-refused" });
    expect(await release(releaseRequest(at === 0 ? one : two), ignore)).toMatchObject({
      state: expect.stringMatching(/finished|nothing/),
    });
  }
  expect(distTags()).toEqual([{ latest: "1.0.0" }, { latest: "1.0.0" }, { latest: "1.0.0" }]);
  expect(tagsOnOrigin()).toHaveLength(4);
});

test("latest does not go back to a lower version unless somebody asks for it", async () => {
  demo.bump("1.0.0");
  registry.plant({ name: "@demo/p1", version: "2.0.0", tarball: Buffer.from("newer") });
  const request = releaseRequest(demo.clone);
  // Like a person who reads the plan and then says yes.
  const attempt = release({ ...request, approve: (_, require) => require().then(() => true) }, ignore);
  await expect(attempt).rejects.toMatchObject({
    code: "release/moves-back",
    message: "latest would go back: @demo/p1 from 2.0.0 to 1.0.0",
  });
  expect(registry.counts()["PUT /:name"]).toBe(0);
  await expect(seal(request, join(demo.folder, "sealed"), ignore)).rejects.toMatchObject({
    code: "release/moves-back",
  });
});

test("a sealed folder goes out from another machine with the very bytes that were sealed", async () => {
  demo.bump("1.0.0");
  const folder = join(demo.folder, "sealed");
  // Building and sealing need no token.
  const batch = await seal(releaseRequest(demo.clone, { DEMO_TOKEN: "" }), folder, ignore);
  const sealed = batch?.tarballs.map(({ name, integrity }) => [name, integrity]);
  expect(sealed).toHaveLength(3);
  expect(registry.counts()["PUT /:name"]).toBe(0);
  const outcome = await releaseSealed(releaseRequest(demo.anotherMachine()), folder, ignore);
  expect(outcome).toMatchObject({ state: "finished" });
  const served = Object.entries(registry.snapshot()).map(([name, { versions }]) => [name, versions["1.0.0"]]);
  expect(served).toEqual(sealed);
});

test("what is not committed can't be released, and what has no credentials is said before anything is built", async () => {
  demo.bump("1.0.0");
  await expect(release(releaseRequest(demo.clone, { DEMO_TOKEN: "" }), ignore)).rejects.toMatchObject({
    code: "release/needs-token",
  });
  writeFileSync(join(demo.clone, "stray.txt"), "");
  await expect(release(releaseRequest(demo.clone), ignore)).rejects.toMatchObject({
    code: "release/dirty-tree",
  });
  expect(registry.counts()["PUT /:name"]).toBe(0);
});
