import { FaultRegistry } from "@slipway/testkit";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  freshClone,
  makeBatch,
  plantOld,
  type ProvedBatch,
} from "../../../../tools/prove/release/sealed-batch.ts";
import { promoteHere, rollbackHere } from "../../src/journeys/release-changes.ts";
import { abortHere, statusHere } from "../../src/journeys/release-status.ts";
import { releaseSealed } from "../../src/journeys/release.ts";
import { releaseConclusion } from "../../src/report/release-end.ts";
import { releaseRequest } from "./demo-repository.ts";

let registry: FaultRegistry;
let close: () => Promise<void>;
let folder: string;
let batch: ProvedBatch;
let clone: string;
let said: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-changes-"));
  registry = new FaultRegistry();
  const listening = await registry.listen();
  close = () => listening.close();
  batch = await makeBatch(folder, { count: 3, url: listening.url });
  plantOld(registry, batch);
  clone = freshClone(batch, join(folder, "trial"));
  said = [];
});

afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

type Here = Parameters<typeof rollbackHere>[2];

function here(): Here {
  const terminal = { interactive: false, color: false, columns: 80 } as unknown as Here["terminal"];
  return {
    cwd: clone,
    env: { PATH: process.env["PATH"], HOME: folder },
    signal: new AbortController().signal,
    terminal,
    answer: (line) => void said.push(line),
    say: () => undefined,
  };
}

function released(): ReturnType<typeof releaseSealed> {
  return releaseSealed(releaseRequest(clone, { HOME: folder }), batch.sealed, () => undefined);
}

function distTags(): unknown[] {
  const stands = registry.snapshot();
  return ["@prove/p0", "@prove/p1", "@prove/p2"].map((name) => stands[name]?.distTags);
}

function writes(): number {
  return registry.seen.filter(({ method }) => method !== "GET").length;
}

const yes = { yes: true, "dry-run": false, json: false, otp: undefined };
const released110 = [{ latest: "1.1.0" }, { latest: "1.1.0" }, { latest: "1.1.0" }];

test("a rollback takes the last release when none is named, and is done once however often it is asked for", async () => {
  await released();
  expect(distTags()).toEqual(released110);
  const before = writes();
  expect(await rollbackHere(null, { ...yes, "dry-run": true, message: "bad" }, here())).toBe(0);
  expect(writes(), "a dry run changes nothing").toBe(before);
  await expect(rollbackHere(null, { ...yes, yes: false, message: "bad" }, here())).rejects.toThrow(
    "nobody approved",
  );
  expect(writes(), "without approval nothing changes").toBe(before);

  expect(await rollbackHere(null, { ...yes, message: "bad" }, here())).toBe(0);
  // The first package has no version to go back to.
  expect(distTags()).toEqual([{ latest: "1.1.0" }, { latest: "1.0.0" }, { latest: "1.0.0" }]);
  const after = writes();
  expect(await rollbackHere(null, { ...yes, message: "bad" }, here())).toBe(0);
  expect(writes(), "the second time there is nothing left to do").toBe(after);
});

test("a promotion whose answers are lost ends in one run, and the next one has nothing to do", async () => {
  await released();
  registry.failNext("PUT /-/package/:name/dist-tags/:tag", "after-commit", 2);
  expect(await promoteHere(null, { ...yes, to: "next" }, here())).toBe(0);
  expect(distTags()).toEqual(released110.map((tags) => ({ ...tags, next: "1.1.0" })));
  const after = writes();
  expect(await promoteHere(batch.plan.id, { ...yes, to: "next" }, here())).toBe(0);
  expect(writes()).toBe(after);

  expect(await rollbackHere(null, { ...yes, message: "bad" }, here())).toBe(0);
  expect(distTags(), "the promotion is taken back with the release").toEqual([
    { latest: "1.1.0" },
    { latest: "1.0.0" },
    { latest: "1.0.0" },
  ]);
  expect(await statusHere(null, { json: false }, here())).toBe(0);
  expect(said.at(-1)).toContain(`release ${batch.plan.id} is rolled back`);
});

test("what no registry takes as a dist-tag is refused before anything is asked", async () => {
  for (const to of ["1.x", "v2", "a b", "", "slipway-0123456789ab"]) {
    await expect(promoteHere(null, { ...yes, to }, here())).rejects.toMatchObject({
      code: "cli/bad-argument",
    });
  }
});

test("what a change of dist-tags needs is said before it starts", async () => {
  await released();
  const before = writes();
  const url = batch.plan.packages[0]?.registry ?? "";
  writeFileSync(join(clone, ".npmrc"), `registry=${url}\n`);
  await expect(promoteHere(null, { ...yes, to: "next" }, here())).rejects.toThrow(/no credentials for http/);
  await expect(rollbackHere(null, { ...yes, message: "bad" }, here())).rejects.toThrow(/no credentials/);
  expect(writes()).toBe(before);
});

test("a release that was given up leaves no sign that another one would take up", async () => {
  // The answer to the second upload is lost with the process: its journal does not know that it arrived.
  registry.failFor("@prove/p2", "PUT /:name", { reply: 403, body: "{}" });
  expect(await released()).toMatchObject({ state: "unfinished" });
  const url = batch.plan.packages[0]?.registry ?? "";
  writeFileSync(join(clone, ".npmrc"), `registry=${url}\n`);
  await expect(abortHere({ json: false, otp: undefined, yes: false }, here())).rejects.toThrow(
    /no credentials/,
  );
  writeFileSync(join(clone, ".npmrc"), `registry=${url}\n${url.replace("http:", "")}:_authToken=proof\n`);
  expect(await abortHere({ json: false, otp: undefined, yes: false }, here())).toBe(0);
  expect(said.at(-1)).toContain("@prove/p1@1.1.0");
  expect(distTags()).toEqual([{ latest: "1.1.0" }, { latest: "1.0.0" }, { latest: "1.0.0" }]);
  expect(await statusHere(null, { json: false }, here())).toBe(0);
  expect(said.at(-1)).toContain("aborted");
  expect(await abortHere({ json: false, otp: undefined, yes: false }, here())).toBe(0);
  expect(said.at(-1)).toBe("no release is under way");
});

test("a version that somebody else published is neither waited for nor counted among what was given up", async () => {
  registry.plant({ name: "@prove/p1", version: "1.1.0", tarball: Buffer.from("foreign") });
  const outcome = await released();
  expect(outcome).toMatchObject({ state: "conflict" });
  expect(releaseConclusion(outcome)).toContain("give this release up (`slipway release abort`)");
  expect(await abortHere({ json: false, otp: undefined, yes: false }, here())).toBe(0);
  expect(said.at(-1)).not.toContain("@prove/p1");
});

test("a release goes on to the next channel when its time is over and its checks are well, and back when one is ill", async () => {
  await released();
  const channels = (soak: string, command: string) => {
    const first = { tag: "latest", soak, health: [{ command }] };
    const release = {
      lock: false,
      channels: [first, { tag: "stable", health: [{ command: "exit 7" }] }, { tag: "lts" }],
    };
    writeFileSync(join(clone, "slipway.json"), JSON.stringify({ release }));
  };
  const next = { ...yes, to: undefined };
  channels("1h", "true");
  await expect(promoteHere(null, next, here())).rejects.toThrow(/stays on latest for another 60 min/);
  channels("0m", 'test -z "$NPM_TOKEN" && test "$SLIPWAY_CHANNEL" = latest');
  expect(await promoteHere(null, next, here())).toBe(0);
  expect(distTags()).toEqual(released110.map((tags) => ({ ...tags, stable: "1.1.0" })));
  // The checks of `stable` are ill: what the promotion moved goes back to where it was, which is nowhere.
  expect(await promoteHere(null, next, here())).toBe(1);
  expect(distTags()).toEqual(released110);
  const after = writes();
  expect(await promoteHere(null, next, here()), "what was ill once is not promoted again").toBe(1);
  expect(writes()).toBe(after);
});
