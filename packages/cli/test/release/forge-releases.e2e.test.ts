import { FaultRegistry } from "@slipway/testkit";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeReleases } from "../../../forge/test/fake-releases.ts";
import { release, resume } from "../../src/journeys/release.ts";
import { demoRepository, releaseRequest } from "./demo-repository.ts";

test("a forge that goes away after the tags leaves a release to be ended by resuming it, or on another machine", async () => {
  const listening = await new FaultRegistry().listen();
  const demo = demoRepository(2, listening.url);
  const forge = new FakeReleases("github");
  const down = (): Response => new Response("", { status: 503 });
  const request = (clone: string) => ({
    ...releaseRequest(clone, {
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: "acme/demo",
      GITHUB_API_URL: "https://api.github.test",
      GITHUB_TOKEN: "secret",
    }),
    forge: { transport: forge.handle, wait: () => Promise.resolve() },
  });
  const tell = (): void => undefined;
  try {
    const log = join(demo.clone, "packages/p1/CHANGELOG.md");
    writeFileSync(log, "# @demo/p1\n\n## 1.0.0\n\n### Major Changes\n\n- it is there\n");
    demo.bump("1.0.0");
    forge.faults.push(null, down(), down(), down(), down());
    expect(await release(request(demo.clone), tell)).toMatchObject({
      state: "unfinished",
      released: [{ name: "@demo/p0" }, { name: "@demo/p1" }],
      failures: [{ name: "releases on GitHub", outcome: "retryable" }],
    });
    expect(forge.made).toMatchObject([{ tag: "@demo/p0@1.0.0", body: "" }]);

    const there = request(demo.anotherMachine());
    expect(await release(there, tell)).toEqual({ state: "nothing" });
    const made = [
      { tag: "@demo/p0@1.0.0", make_latest: "false" },
      { tag: "@demo/p1@1.0.0", make_latest: "true", body: "### Major Changes\n\n- it is there" },
    ];
    expect(forge.made).toMatchObject(made);
    forge.made.pop();
    expect(await resume(request(demo.clone), tell)).toMatchObject({ state: "finished" });
    expect(forge.made).toMatchObject(made);
    expect(await resume(request(demo.clone), tell)).toEqual({ state: "nothing" });
  } finally {
    await listening.close();
    demo.remove();
  }
});
