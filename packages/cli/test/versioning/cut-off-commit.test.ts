import { afterEach, expect, test } from "vitest";
import { applyVersions, completeVersions, planWorkTree } from "../../src/journeys/version.ts";
import { writeVersions } from "../../src/journeys/write-versions.ts";
import type { Outside } from "../../src/command.ts";
import { frozenPlan } from "../../src/wire/frozen-plan.ts";
import { scratchRepository, type ScratchRepository } from "./scratch-repository.ts";

let repository: ScratchRepository | undefined;
afterEach(() => repository?.remove());

const flags = {
  plan: false,
  json: false,
  verbose: false,
  discard: false,
  notes: undefined,
  "fail-if-none": false,
};

test.each(["before the commit", "after the commit"])(
  "a run that was cut off %s is committed once by the next, in its own words",
  async (moment) => {
    const scratch = scratchRepository({
      "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
      "package-lock.json": "{}",
      "packages/a/package.json": JSON.stringify({ name: "a", version: "1.0.0" }),
      ".changeset/config.json": JSON.stringify({ commit: true, changelog: false }),
      ".changeset/one.md": '---\n"a": minor\n---\n\nWords\n',
    });
    repository = scratch;
    const { dir } = scratch;
    const options = { env: identity, nowMs: 0, lockfile: false };
    const { plan } = await planWorkTree(dir, options);
    const kept = { ...plan, commitMessage: "the words of the first run" };
    await applyVersions(kept, dir);
    if (moment === "after the commit") {
      scratch.git("add", "-A");
      scratch.git("commit", "-q", "-m", kept.commitMessage);
    }
    await frozenPlan(dir).keep(kept);

    await writeVersions(flags, options, outside(dir));
    expect(scratch.git("log", "--format=%s").trim().split("\n")).toEqual([
      "the words of the first run",
      "change",
    ]);
    expect(scratch.git("status", "--porcelain")).toBe("");
    expect(scratch.git("show", "HEAD:packages/a/package.json")).toContain("1.1.0");
    expect(await completeVersions(dir, async () => undefined)).toBeNull();
  },
);

const identity = {
  ...process.env,
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.com",
};

function outside(cwd: string): Outside {
  return {
    cwd,
    env: identity,
    terminal: { color: false },
    say: () => undefined,
    answer: () => undefined,
  } as unknown as Outside;
}
