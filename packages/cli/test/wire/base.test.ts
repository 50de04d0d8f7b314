import { openRepository } from "@slipway/host";
import { describe, expect, test } from "vitest";
import {
  cloneOf,
  gitEnv,
  makeRepository,
  type TestRepository,
} from "../../../host/test/git/repository-of.ts";
import { findBase, type Base, type BaseRequest } from "../../src/wire/base.ts";
import { readCiBase } from "../../src/wire/ci-base.ts";

describe("the base is the common ancestor with", () => {
  test("the flag's ref, before anything else", async () => {
    const { repository, fork } = forked();
    const env = { NX_BASE: "nowhere", ...pullRequest };
    expect(await baseOf(repository, { base: "main", env })).toMatchObject({
      commit: fork,
      because: { kind: "flag" },
    });
  });

  test("the ref that NX_BASE or TURBO_SCM_BASE names", async () => {
    const { repository, fork } = forked();
    for (const name of ["NX_BASE", "TURBO_SCM_BASE"]) {
      const base = await baseOf(repository, { env: { [name]: "main", ...pullRequest } });
      expect(base).toMatchObject({ commit: fork, because: { kind: "variable", name } });
    }
  });

  test("the base branch: the configured one, else the remote's, else main, else master", async () => {
    const { repository: origin, fork } = forked();
    const clone = cloneOf(origin, "--branch=main");
    clone.git("checkout", "--quiet", "-b", "work", "origin/feature");
    const because = { kind: "base-branch", from: "remote" };
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
    expect(await baseOf(clone, {})).toMatchObject({ commit: fork, ref: "origin/main", because });
    const head = clone.git("rev-parse", "HEAD");
    const configured = await baseOf(clone, { baseBranch: "feature" });
    expect(configured).toMatchObject({ commit: head, ref: "feature", because: { from: "configuration" } });
    expect(await baseOf(origin, {})).toMatchObject({ ref: "main", because: { from: "convention" } });
  });

  test("the base branch as the remote has it, so that commits which are not pushed yet count", async () => {
    const origin = makeRepository();
    const pushed = origin.commit({ "a.txt": "1" });
    const clone = cloneOf(origin);
    clone.commit({ "a.txt": "2" });
    expect(await baseOf(clone, {})).toMatchObject({ commit: pushed });
  });
});

describe("on a pull request in GitHub Actions the base is", () => {
  test("the common ancestor with the target, not the commit that the event names", async () => {
    const { repository: origin, fork, later } = forked();
    const clone = cloneOf(origin, "--branch=feature");
    const event = { pull_request: { base: { sha: later } } };
    expect(await baseOf(clone, { env: pullRequest, event })).toMatchObject({
      commit: fork,
      ref: "origin/main",
      because: { kind: "ci", provider: "github", event: "pull-request" },
    });
  });

  test("the first parent of the merge commit when the target is not there", async () => {
    const { repository: origin, later } = forked();
    origin.git("checkout", "--quiet", "--detach", "main");
    origin.git("merge", "--quiet", "--no-ff", "-m", "merge", "feature");
    origin.git("branch", "merged");
    origin.git("checkout", "--quiet", "main");
    const clone = cloneOf(origin, "--depth=2", "--branch=merged");
    const env = { ...pullRequest, GITHUB_REF: "refs/pull/1/merge" };
    expect(await baseOf(clone, { env })).toMatchObject({ kind: "known", commit: later });
  });

  test("missing in a checkout of depth 1, with the command that brings it", async () => {
    const { repository: origin, fork } = forked();
    const clone = cloneOf(origin, "--depth=1", "--branch=feature");
    const base = await baseOf(clone, { env: pullRequest });
    expect(base).toMatchObject({ kind: "missing", ref: "origin/main" });
    const fetch = base.kind === "missing" ? base.fetch : "";
    expect(fetch).toBe("git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main");
    clone.git(...fetch.split(" ").slice(1));
    expect(await baseOf(clone, { env: pullRequest })).toMatchObject({ kind: "known", commit: fork });
  });
});

describe("on a push or in a merge queue the base is", () => {
  test("the commit before a push to the base branch", async () => {
    const { repository, fork } = forked();
    repository.git("checkout", "--quiet", "main");
    const env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main" };
    const base = await baseOf(repository, { env, event: { before: fork } });
    expect(base).toMatchObject({ commit: fork, because: { kind: "ci", event: "push" } });
  });

  test("the base branch after a push to another branch, or one that made its branch", async () => {
    const { repository, fork, first } = forked();
    const env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/feature" };
    const base = { commit: fork, because: { kind: "base-branch" } };
    expect(await baseOf(repository, { env, event: { before: first } })).toMatchObject(base);
    expect(await baseOf(repository, { env, event: { before: "0".repeat(40) } })).toMatchObject(base);
  });

  test("missing when the commit before the push is not there", async () => {
    const { repository } = forked();
    repository.git("checkout", "--quiet", "main");
    const env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main" };
    const base = await baseOf(repository, { env, event: { before: "a".repeat(40) } });
    expect(base).toMatchObject({ kind: "missing", fetch: expect.stringContaining("git fetch") });
  });

  test("the commit that a merge group stands on", async () => {
    const { repository, fork } = forked();
    const env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "merge_group" };
    const base = await baseOf(repository, { env, event: { merge_group: { base_sha: fork } } });
    expect(base).toMatchObject({ commit: fork, because: { kind: "ci", event: "merge_group" } });
  });

  test("in GitLab the target of a merge request, and the commit before a push", async () => {
    const { repository: origin, fork } = forked();
    const clone = cloneOf(origin, "--branch=feature");
    const request = { GITLAB_CI: "true", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" };
    expect(await baseOf(clone, { env: request })).toMatchObject({ commit: fork, ref: "origin/main" });
    origin.git("checkout", "--quiet", "main");
    const push = { GITLAB_CI: "true", CI_COMMIT_BRANCH: "main", CI_COMMIT_BEFORE_SHA: fork };
    expect(await baseOf(origin, { env: push })).toMatchObject({ commit: fork, because: { event: "push" } });
  });
});

describe("no base", () => {
  test("is known by a name that git does not have", async () => {
    const { repository } = forked();
    await expect(baseOf(repository, { base: "mian" })).rejects.toMatchObject({
      code: "git/unknown-ref",
      hint: 'did you mean "main"?',
    });
  });

  test("is there before the first commit", async () => {
    expect(await baseOf(makeRepository(), {})).toMatchObject({ kind: "missing", unborn: true });
  });
});

const pullRequest = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_BASE_REF: "main" };

/** `first - fork - later` on main, and `feature` with a commit on top of `fork`, checked out. */
function forked(): { repository: TestRepository; first: string; fork: string; later: string } {
  const repository = makeRepository();
  const first = repository.commit({ "a.txt": "1" });
  const fork = repository.commit({ "a.txt": "2" });
  repository.git("checkout", "--quiet", "-b", "feature");
  repository.commit({ "feature.txt": "1" });
  repository.git("checkout", "--quiet", "main");
  const later = repository.commit({ "later.txt": "1" });
  repository.git("checkout", "--quiet", "feature");
  return { repository, first, fork, later };
}

type Given = Partial<Pick<BaseRequest, "base" | "head" | "baseBranch" | "env">> & {
  readonly event?: unknown;
};

async function baseOf(repository: TestRepository, given: Given): Promise<Base> {
  const env = given.env ?? {};
  const git = await openRepository(repository.dir, gitEnv);
  const ci = readCiBase(env, given.event ?? null);
  return findBase({ git, base: null, head: null, baseBranch: null, ...given, env, ci });
}
