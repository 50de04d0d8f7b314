import { FaultRegistry } from "@slipway/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealedRelease, type SealedRelease } from "./sealed-release.ts";

let sealed: SealedRelease;
beforeAll(async () => {
  sealed = await sealedRelease(1);
});
afterAll(() => sealed.end());

test("a CI that gives no identity is told apart from a registry that does not trust it", async () => {
  const trial = await sealed.start();
  trial.registry.plant({ name: "@prove/p0", version: "1.0.0", tarball: Buffer.from("old") });
  trial.credentials("");
  // Answers 404, as GitHub refuses a job.
  const gitHub = await new FaultRegistry().listen();
  try {
    const { exit, printed } = await trial.release(
      {},
      {
        GITHUB_ACTIONS: "true",
        ACTIONS_ID_TOKEN_REQUEST_URL: `${gitHub.url}none/of/this`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t",
      },
    );
    expect(exit).toBe("release/no-right");
    expect(printed).toContain("GitHub gave no identity token");
    expect(printed).toContain("permissions: id-token: write");
    expect(printed).not.toContain("trusted publisher in the package");
  } finally {
    await gitHub.close();
  }
});
