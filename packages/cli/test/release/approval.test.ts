import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealedRelease, type SealedRelease, type Trial } from "./sealed-release.ts";

let sealed: SealedRelease;
beforeAll(async () => {
  sealed = await sealedRelease(2);
});
afterAll(() => sealed.end());

async function governed(): Promise<Trial> {
  const trial = await sealed.start({ tokens: { all: { user: "a" } } });
  trial.credentials("_authToken=all");
  const settings = { release: { lock: false, approval: "always" } };
  writeFileSync(join(trial.clone, "slipway.json"), JSON.stringify(settings));
  return trial;
}

test("a release that needs approval waits for the digest of its own plan, and --yes is not enough", async () => {
  const trial = await governed();
  const waiting = await trial.release();
  expect(waiting.exit).toBe("release/awaiting-approval");
  expect(await trial.release({ approve: "f00d" })).toMatchObject({ exit: "release/approved-another" });
  expect(trial.registry.counts()["PUT /:name"]).toBe(0);
  const [, digest = ""] = /"digest":"([0-9a-f]{64})"/.exec(waiting.printed) ?? [];
  const { exit, printed } = await trial.release({ yes: false, approve: digest });
  expect(exit, printed).toBe(0);
  expect(trial.registry.counts()["PUT /:name"]).toBe(2);
});
