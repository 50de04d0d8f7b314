import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryAt, type GitRepository } from "@slipway/host/hot";
import { expect, test } from "vitest";
import { gitEnv, makeRepository } from "../../../host/test/git/repository-of.ts";
import { nearGit } from "../../src/hot/kept-bases.ts";

/** What is done to one repository, one after the other, in words of git. */
const states: readonly (readonly [what: string, ...words: string[]])[] = [
  ["four commits and a branch", "branch", "one", "HEAD~1"],
  ["HEAD moves", "commit", "--allow-empty", "-qm", "more"],
  ["refs are packed", "pack-refs", "--all"],
  ["a packed branch moves", "branch", "-f", "one", "HEAD~3"],
  ["a tag is called like the branch", "tag", "one", "HEAD"],
  ["and is packed", "pack-refs", "--all"],
  ["that tag goes", "tag", "-d", "one"],
  ["a tag with a message", "tag", "-a", "-m", "t", "v1", "HEAD~1"],
  ["a remote's branches", "update-ref", "refs/remotes/origin/main", "HEAD~1"],
  ["its default", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"],
  ["a branch with the name of the remote's", "branch", "origin/main", "HEAD"],
  ["that goes", "branch", "-D", "origin/main"],
  ["a default that leads nowhere", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/no"],
  ["another branch is checked out", "checkout", "-q", "one"],
  ["none is", "checkout", "-q", "--detach", "main"],
  ["a commit is replaced", "replace", "HEAD~1", "HEAD~3"],
  ["it is not any more", "replace", "-d", "HEAD~1"],
  ["a branch deep down", "branch", "deep/er", "HEAD~1"],
];

const names = ["HEAD~1", "main", "one", "v1", "origin", "origin/main", "nowhere"];

async function answersOf(git: GitRepository, all: readonly string[]): Promise<unknown> {
  const ofNames = all.map(async (name) => [
    name,
    await git.commitOf(name),
    await git.mergeBase(name, "HEAD"),
  ]);
  return Promise.all([git.symbolicRef("refs/remotes/origin/HEAD"), ...ofNames]);
}

test("what names mean and where they met HEAD is told by git's files as git tells it, also the second time", async () => {
  const repository = makeRepository();
  const { dir } = repository;
  for (const each of ["a", "b", "c", "d"]) repository.commit({ [each]: "" });
  const env = { PATH: gitEnv["PATH"], HOME: dir };
  for (const [what, ...words] of states) {
    repository.git(...words);
    const right = repositoryAt(dir, env);
    if (!right) throw new Error("there is no repository");
    const all = [...names, repository.git("rev-parse", "HEAD~1")];
    const answers = await answersOf(right, all);
    for (const time of ["first", "second"]) {
      const near = nearGit(right, env);
      expect(await answersOf(near.git, all), `${what}, the ${time} time`).toEqual(answers);
      near.keep();
    }
  }
  expect(existsSync(join(dir, ".git/slipway/bases"))).toBe(true);
});
