import { openRepository } from "@slipway/host";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cloneOf, gitEnv, makeFolder, makeRepository } from "./repository-of.ts";

describe("changed files", () => {
  test("are the committed, staged, unstaged and untracked ones, without what git ignores", async () => {
    const repository = makeRepository();
    const base = repository.commit({ "a.txt": "1", "b.txt": "1", "gone.txt": "1", ".gitignore": "ignored" });
    repository.commit({ "committed.txt": "1" });
    repository.write({ "a.txt": "2", "staged.txt": "1", "with space/ü\n.txt": "1", ignored: "1" });
    repository.git("add", "staged.txt");
    rmSync(join(repository.dir, "gone.txt"));
    const git = await openRepository(repository.dir, gitEnv);
    expect(await git.changedFiles(base, null)).toEqual([
      "a.txt",
      "committed.txt",
      "gone.txt",
      "staged.txt",
      "with space/ü\n.txt",
    ]);
  });

  test("between two commits leave the work tree out", async () => {
    const repository = makeRepository();
    const base = repository.commit({ "a.txt": "1" });
    const head = repository.commit({ "b.txt": "1" });
    repository.write({ "c.txt": "1" });
    const git = await openRepository(repository.dir, gitEnv);
    expect(await git.changedFiles(base, head)).toEqual(["b.txt"]);
  });

  test("of a rename are both names", async () => {
    const repository = makeRepository();
    const base = repository.commit({ "old.txt": "the same text as before" });
    repository.git("mv", "old.txt", "new.txt");
    const git = await openRepository(repository.dir, gitEnv);
    expect(await git.changedFiles(base, null)).toEqual(["new.txt", "old.txt"]);
  });

  test("of a workspace below git's top level are relative to it, and nothing above it counts", async () => {
    const repository = makeRepository();
    const base = repository.commit({ "app/a.txt": "1", "top.txt": "1" });
    repository.write({ "app/a.txt": "2", "app/new.txt": "1", "top.txt": "2", "other.txt": "1" });
    const git = await openRepository(join(repository.dir, "app"), gitEnv);
    expect(await git.changedFiles(base, null)).toEqual(["a.txt", "new.txt"]);
    expect((await git.fileAt(base, "a.txt"))?.toString()).toBe("1");
    expect(await git.fileAt(base, "top.txt")).toBeNull();
  });

  test("are the same whatever the user's settings of diff and status are", async () => {
    const repository = makeRepository();
    const base = repository.commit({ "app/a.txt": "1", "b.txt": "1" });
    repository.write({ "app/a.txt": "2", "b.txt": "2", "c.txt": "1" });
    for (const setting of ["status.showUntrackedFiles=no", "diff.noprefix=true", "diff.external=false"]) {
      repository.git("config", ...setting.split("="));
    }
    const git = await openRepository(repository.dir, gitEnv);
    expect(await git.changedFiles(base, null)).toEqual(["app/a.txt", "b.txt", "c.txt"]);
  });
});

describe("the repository", () => {
  test("is the directory's own, also inside a hook of another one", async () => {
    const other = makeRepository();
    other.commit({ "other.txt": "1" });
    const repository = makeRepository();
    const head = repository.commit({ "a.txt": "1" });
    const hook = {
      ...gitEnv,
      GIT_DIR: join(other.dir, ".git"),
      GIT_INDEX_FILE: join(other.dir, ".git/index"),
    };
    const git = await openRepository(repository.dir, hook);
    expect(git.gitDir).toBe(join(repository.dir, ".git"));
    expect(await git.commitOf("HEAD")).toBe(head);
  });

  test("of a linked worktree shares its common directory with the main one", async () => {
    const repository = makeRepository();
    const head = repository.commit({ "a.txt": "1" });
    const linked = join(makeFolder(), "linked");
    repository.git("worktree", "add", "--quiet", "--detach", linked, head);
    const git = await openRepository(linked, gitEnv);
    expect(git.commonDir).toBe(join(repository.dir, ".git"));
    expect(git.gitDir).toContain("worktrees");
  });

  test("of a clone with depth says that its history is cut off", async () => {
    const origin = makeRepository();
    const first = origin.commit({ "a.txt": "1" });
    origin.commit({ "a.txt": "2" });
    const git = await openRepository(cloneOf(origin, "--depth=1").dir, gitEnv);
    expect(git.isShallow).toBe(true);
    expect(await git.commitOf(first)).toBeNull();
    expect((await openRepository(cloneOf(origin).dir, gitEnv)).isShallow).toBe(false);
  });

  test("is an error with a code where there is none", async () => {
    const dir = makeFolder();
    await expect(openRepository(dir, gitEnv)).rejects.toMatchObject({ code: "git/not-a-repository" });
    mkdirSync(join(dir, "bare"));
    const bare = makeRepository();
    bare.git("config", "core.bare", "true");
    await expect(openRepository(bare.dir, gitEnv)).rejects.toMatchObject({ code: "git/not-a-repository" });
  });

  test("knows no ref that reads like an option", async () => {
    const repository = makeRepository();
    repository.commit({ "a.txt": "1" });
    const git = await openRepository(repository.dir, gitEnv);
    expect(await git.commitOf("--all")).toBeNull();
    expect(await git.commitOf("nowhere")).toBeNull();
  });
});
