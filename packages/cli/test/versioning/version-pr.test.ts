import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeGitHub } from "../../../forge/test/fake-github.ts";
import { FakeGitLab } from "../../../forge/test/fake-gitlab.ts";
import { gitStore, type GitStore } from "../../../forge/test/git-store.ts";
import { planAndApplyVersions } from "../../src/journeys/version.ts";
import { versionPr, type VersionPrFlags } from "../../src/journeys/version-pr.ts";
import { testOutside } from "../outside.ts";

let home = "";
let clone = "";
let store: GitStore;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "slipway-version-pr-")));
  clone = join(home, "clone");
  const bare = join(home, "forge.git");
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare]);
  store = gitStore(bare);
  layOut({
    "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
    "packages/a/package.json": '{\n  "name": "@it/a",\n  "version": "1.0.0"\n}\n',
    "packages/b/package.json":
      '{\n  "name": "b",\n  "version": "1.2.0",\n  "dependencies": { "@it/a": "~1.0.0" }\n}\n',
    ".changeset/config.json":
      '{ "$schema": "https://unpkg.com/@changesets/config@4.0.1/schema.json", "baseBranch": "main" }\n',
    ".changeset/fast-boats-sail.md": '---\n"@it/a": minor\n---\n\nDark mode\n',
  });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "start");
  git("remote", "add", "origin", bare);
  git("push", "-q", "origin", "main");
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("on GitHub", () => {
  test("the branch is the commit that `slipway version` would make, and the request says what is released", async () => {
    const forge = gitHub();
    expect(JSON.parse(await run(forge.handle))).toMatchObject({
      state: "opened",
      branch: "changeset-release/main",
      number: 1,
    });
    const [pull] = forge.pulls;
    expect(pull?.title).toBe("Version Packages");
    expect(pull?.body).toContain("| `@it/a` | minor | 1.0.0 → 1.1.0 |");
    expect(pull?.body).toContain("## @it/a@1.1.0\n\n### Minor Changes\n\n-");
    expect(git("status", "--porcelain")).toBe("");
    await expectSameAsVersion();
  });

  test("run again, it changes nothing; after another changeset, it brings both up to date", async () => {
    const forge = gitHub();
    await run(forge.handle);
    expect(JSON.parse(await run(forge.handle))).toMatchObject({ state: "unchanged", number: 1 });
    layOut({ ".changeset/slow-gulls-sing.md": '---\n"@it/a": major\n---\n\nNo more light mode\n' });
    git("add", "-A");
    git("commit", "-q", "-m", "more");
    git("push", "-q", "origin", "main");
    expect(JSON.parse(await run(forge.handle))).toMatchObject({ state: "updated", number: 1 });
    expect(forge.pulls).toHaveLength(1);
    expect(forge.pulls[0]?.body).toContain("1.0.0 → 2.0.0");
    await expectSameAsVersion();
  });

  test("a plan prepared by another job is carried out without reading the repository's changesets", async () => {
    const forge = gitHub();
    const file = join(home, "plan.json");
    await run(forge.handle, { prepare: file });
    expect(forge.requests).toEqual([]);
    expect(JSON.parse(await run(forge.handle, { from: file }))).toMatchObject({ state: "opened" });
    await expectSameAsVersion();
  });

  test("a plan of another commit is refused", async () => {
    const forge = gitHub();
    const file = join(home, "plan.json");
    await run(forge.handle, { prepare: file });
    layOut({ "packages/a/package.json": '{\n  "name": "@it/a",\n  "version": "1.0.5"\n}\n' });
    git("commit", "-q", "-am", "meanwhile");
    await expect(run(forge.handle, { from: file })).rejects.toMatchObject({
      code: "version/changed-meanwhile",
    });
    expect(forge.requests).toEqual([]);
  });

  test("nothing pending, and a plan that the other job had no reason to write, ask nothing of the forge", async () => {
    const forge = gitHub();
    expect(JSON.parse(await run(forge.handle, { from: join(home, "none.json") }))).toEqual({
      schema: 1,
      state: "nothing",
    });
    rmSync(join(clone, ".changeset/fast-boats-sail.md"));
    git("commit", "-q", "-am", "none");
    expect(JSON.parse(await run(forge.handle))).toEqual({ schema: 1, state: "nothing" });
    expect(forge.requests).toEqual([]);
  });

  test("a reply that is lost after the branch was written is made good by the next run", async () => {
    const forge = gitHub();
    const broken = async (request: Request): Promise<Response> => {
      const answer = await forge.handle(request);
      if (request.method === "POST" && request.url.endsWith("/git/refs"))
        return new Response("{}", { status: 403 });
      return answer;
    };
    await expect(run(broken)).rejects.toMatchObject({ code: "forge/refused" });
    expect(JSON.parse(await run(forge.handle))).toMatchObject({ state: "opened", number: 1 });
    await expectSameAsVersion();
  });

  test("a token without the right is told what it lacks, and the token is in no message", async () => {
    const forge = gitHub();
    forge.faults.push(new Response('{"message":"Resource not accessible by integration"}', { status: 403 }));
    const failure = run(forge.handle);
    await expect(failure).rejects.toMatchObject({
      code: "forge/refused",
      hint: expect.stringContaining("contents: write") as string,
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("t0ken") as string });
  });

  test("in pre mode the title names its tag", async () => {
    layOut({ ".changeset/pre.json": '{\n  "mode": "pre",\n  "tag": "next"\n}\n' });
    git("add", "-A");
    git("commit", "-q", "-m", "pre");
    git("push", "-q", "origin", "main");
    const forge = gitHub();
    await run(forge.handle);
    expect(forge.pulls[0]?.title).toBe("Version Packages (next)");
    await expectSameAsVersion();
  });
});

describe("on GitLab", () => {
  const env = {
    GITLAB_CI: "true",
    CI_API_V4_URL: "https://gitlab.test/api/v4",
    CI_PROJECT_ID: "77",
    CI_COMMIT_BRANCH: "main",
    GITLAB_TOKEN: "t0ken",
  };

  test("the branch is one commit through the API, and the merge request is opened once and then edited", async () => {
    const forge = new FakeGitLab(store, "t0ken");
    expect(JSON.parse(await run(forge.handle, {}, env))).toMatchObject({ state: "opened", number: 1 });
    await expectSameAsVersion();
    layOut({ ".changeset/slow-gulls-sing.md": '---\n"b": minor\n---\n\nAlso\n' });
    git("add", "-A");
    git("commit", "-q", "-m", "more");
    git("push", "-q", "origin", "main");
    expect(JSON.parse(await run(forge.handle, {}, env))).toMatchObject({ state: "updated", number: 1 });
    expect(forge.requests[0]?.description).toContain("| `b` | minor | 1.2.0 → 1.3.0 |");
    await expectSameAsVersion();
  });

  test("without a token it says which one is needed", async () => {
    const { GITLAB_TOKEN: _, ...without } = env;
    const forge = new FakeGitLab(store, "t0ken");
    await expect(run(forge.handle, {}, without)).rejects.toMatchObject({ code: "forge/needs-token" });
  });
});

function gitHub(): FakeGitHub {
  return new FakeGitHub(store, { repository: "it/mono", token: "t0ken" });
}

const onGitHub: Record<string, string> = {
  GITHUB_ACTIONS: "true",
  GITHUB_REPOSITORY: "it/mono",
  GITHUB_REF_TYPE: "branch",
  GITHUB_REF_NAME: "main",
  GITHUB_TOKEN: "t0ken",
};

async function run(
  transport: (request: Request) => Promise<Response>,
  flags: Partial<VersionPrFlags> = {},
  env: Record<string, string> = onGitHub,
): Promise<string> {
  const whole = {
    prepare: undefined,
    from: undefined,
    base: undefined,
    title: "Version Packages",
    plan: false,
    json: true,
    ...flags,
  };
  const outside = testOutside({ cwd: clone, env: { PATH: process.env["PATH"], HOME: home, ...env } });
  const forge = { transport, wait: async () => undefined };
  await versionPr(whole, { env: outside.env, nowMs: 0, forge }, outside);
  return outside.stdout();
}

/** The branch on the forge, checked out, is what `slipway version` makes of its parent. */
async function expectSameAsVersion(): Promise<void> {
  const [theirs, ours] = [join(home, "theirs"), join(home, "ours")];
  for (const dir of [theirs, ours]) rmSync(dir, { recursive: true, force: true });
  execFileSync("git", ["clone", "-q", "-b", "changeset-release/main", join(home, "forge.git"), theirs]);
  execFileSync("git", ["clone", "-q", "-b", "main", join(home, "forge.git"), ours]);
  expect(execFileSync("git", ["rev-parse", "HEAD^"], { cwd: theirs, encoding: "utf8" })).toBe(
    execFileSync("git", ["rev-parse", "HEAD"], { cwd: ours, encoding: "utf8" }),
  );
  await planAndApplyVersions(ours, { env: { PATH: process.env["PATH"] }, nowMs: 0 });
  rmSync(join(theirs, ".git"), { recursive: true });
  rmSync(join(ours, ".git"), { recursive: true });
  expect(execFileSync("git", ["diff", "--no-index", "--stat", theirs, ours], { encoding: "utf8" })).toBe("");
}

function layOut(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  }
}

function git(...args: string[]): string {
  const settings = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "core.hooksPath=/dev/null"];
  return execFileSync("git", [...settings, ...args], {
    cwd: clone,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}
