import { FaultRegistry } from "@slipway/testkit";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { release } from "../../src/journeys/release.ts";
import { demoRepository, releaseRequest } from "./demo-repository.ts";

const ignore = (): void => undefined;

test.each([
  ["is damaged", (folder: string) => writeFileSync(join(folder, "sealed.json"), "{")],
  ["lacks its journal", (folder: string) => rmSync(join(folder, "journal.jsonl"))],
])("a release whose folder %s goes on from what the registry has", async (_, damage) => {
  const registry = new FaultRegistry();
  const listening = await registry.listen();
  const demo = demoRepository(2, listening.url);
  try {
    demo.bump("1.1.0");
    // The second upload is refused for good.
    const begun: string[] = [];
    const first = await release(releaseRequest(demo.clone), (story) => {
      if (story.type !== "release") return;
      if (story.event.type === "release-started") begun.push(story.event.release);
      if (story.event.type === "uploaded" && story.event.outcome === "done")
        registry.failNext("PUT /:name", 403);
    });
    expect(first).toMatchObject({ state: "unfinished" });
    const half = registry.snapshot();
    damage(join(demo.clone, ".git/slipway/releases", begun[0] ?? ""));

    expect(await release(releaseRequest(demo.clone), ignore)).toMatchObject({ state: "finished" });
    const whole = registry.snapshot();
    expect(Object.values(whole).map(({ distTags }) => distTags)).toEqual([
      { latest: "1.1.0" },
      { latest: "1.1.0" },
    ]);
    expect(whole["@demo/p0"]?.versions["1.1.0"]).toBe(half["@demo/p0"]?.versions["1.1.0"]);
    expect(await release(releaseRequest(demo.clone), ignore)).toEqual({ state: "nothing" });
  } finally {
    await listening.close();
    demo.remove();
  }
});
