import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onDemand } from "../../../../tools/on-demand.ts";
import { assertSame, filesOf } from "../../../../tools/prove/version-plans/files.ts";
import { fakeGithubGraphql, type FakeGraphql } from "./fake-github-graphql.ts";
import { scratchRepository, type ScratchRepository } from "./scratch-repository.ts";

const slipway = join(import.meta.dirname, "../../../../tools/slipway");
const changesets = onDemand("changesets");
const run = promisify(execFile);

const generations = [
  { generation: 2, generator: "changelog-github-0" },
  { generation: 3, generator: "changelog-github-1" },
] as const;

describe.skipIf("missing" in changesets)("the changelog of @changesets/changelog-github", () => {
  let github: FakeGraphql;
  let unknown: string | undefined;
  beforeAll(async () => void (github = await fakeGithubGraphql(() => unknown)));
  afterAll(() => github.close());

  test.each(generations)("is byte for byte that of Changesets $generation", async (each) => {
    const scratch = repository(each);
    const { dir, home } = scratch;
    try {
      // The generator of generation 2 fails on one, under Changesets too.
      if (each.generation === 3)
        unknown = scratch.git("log", "--format=%H", "-1", "--", ".changeset/unpushed.md").trim();
      const theirs = join(home, "theirs");
      cpSync(dir, theirs, { recursive: true, verbatimSymlinks: true });

      const before = github.calls.length;
      const cli = join(folder(), `changesets-${each.generation}`, "bin.js");
      await run(process.execPath, [cli, "version"], { cwd: theirs, env: environment() });
      const asked = github.calls.length - before;
      await run(slipway, ["version"], { cwd: dir, env: environment() });

      assertSame(filesOf(theirs), filesOf(dir));
      const log = filesOf(dir).get("packages/a/CHANGELOG.md");
      expect(log).toContain("[@user-2](https://github.com/user-2)! - Reads a number");
      expect(github.calls.slice(before)).toEqual(Array(asked * 2).fill("Token of-the-test"));
    } finally {
      scratch.remove();
    }
  });

  test("without a token stops before a file is written", async () => {
    const scratch = repository(generations[0]);
    const { dir } = scratch;
    try {
      const { GITHUB_TOKEN: _, ...without } = environment();
      const ended = await run(slipway, ["version"], { cwd: dir, env: without }).catch(
        (error: unknown) => error,
      );
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("GITHUB_TOKEN") });
      expect(scratch.git("status", "--porcelain")).toBe("");
    } finally {
      scratch.remove();
    }
  });

  function environment(): NodeJS.ProcessEnv {
    return { ...process.env, GITHUB_GRAPHQL_URL: github.url, GITHUB_TOKEN: "of-the-test" };
  }
});

function folder(): string {
  if ("missing" in changesets) throw new Error(changesets.missing);
  return changesets.folder;
}

function repository({ generation, generator }: (typeof generations)[number]): ScratchRepository {
  const scratch = scratchRepository({
    "package.json": manifest({
      name: "root",
      private: true,
      workspaces: ["packages/*"],
      devDependencies: { "@changesets/cli": `^${generation}.0.0` },
    }),
    "yarn.lock": "",
    ".gitignore": "node_modules\n",
    ".changeset/config.json": manifest({
      changelog: ["@changesets/changelog-github", { repo: "some/where" }],
      baseBranch: "main",
      ...(generation === 3 ? { format: false } : {}),
    }),
    "packages/a/package.json": manifest({ name: "a", version: "1.0.0" }),
    "packages/b/package.json": manifest({ name: "b", version: "1.0.0", dependencies: { a: "1.0.0" } }),
  });
  const modules = join(scratch.dir, "node_modules");
  mkdirSync(join(modules, "@changesets"), { recursive: true });
  symlinkSync(join(folder(), generator), join(modules, "@changesets/changelog-github"));
  symlinkSync(join(folder(), "prettier"), join(modules, "prettier"));
  scratch.commit({ ".changeset/plain.md": changeset("a: minor", "Adds a thing\n\nWith a second paragraph") });
  scratch.commit({
    ".changeset/unpushed.md": changeset("a: patch\nb: minor", "Is of a commit nobody knows"),
  });
  scratch.commit({
    ".changeset/by.md": changeset("b: patch", "pr: #12\nauthor: @somebody\n\nSays who, and #7"),
  });
  scratch.commit({ ".changeset/number.md": changeset("a: patch", "pull request: 17\n\nReads a number") });
  scratch.commit({ ".changeset/commit.md": changeset("b: major", "commit: 1a2b3c4\n\nNames a commit") });
  return scratch;
}

function changeset(releases: string, summary: string): string {
  return `---\n${releases}\n---\n\n${summary}\n`;
}

function manifest(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
