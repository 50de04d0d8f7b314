import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { quietGit } from "./quiet-git.ts";

/** What stands in the work tree but not in its commit, as git names it (root-relative). */
export interface UncommittedChanges {
  readonly tracked: readonly string[];
  readonly untracked: readonly string[];
}

/**
 * Makes a checkout of `commit` that borrows the objects of `repository` and shares nothing else with it: no hooks, no
 * worktree entry, and no remote that a script could push to.
 *
 * @param repository any directory of its work tree
 * @returns where `repository` stands below git's top level: the same directory in the checkout
 * @throws UserError git/failed when git cannot make it
 */
export async function makeScratchCheckout(
  repository: string,
  commit: string,
  target: string,
): Promise<string> {
  const below = await makeScratchClone(repository, target);
  await quietGit(target, ["checkout", "--quiet", "--detach", commit]);
  // What scripts compare with (origin/main) stays readable; the address to push to does not.
  await quietGit(target, ["remote", "set-url", "origin", await originUrl(repository)]);
  await quietGit(target, ["remote", "set-url", "--push", "origin", "no-push-from-a-rehearsal"]);
  await copyRemoteRefs(repository, target);
  return below;
}

/** The clone alone, without a file in its work tree. */
export async function makeScratchClone(repository: string, target: string): Promise<string> {
  const below = (await quietGit(repository, ["rev-parse", "--show-prefix"])).trim().replace(/\/$/, "");
  const commonDir = (
    await quietGit(repository, ["rev-parse", "--path-format=absolute", "--git-common-dir"])
  ).trim();
  await quietGit(dirname(target), [
    "clone",
    "--quiet",
    "--shared",
    "--no-checkout",
    "--template=",
    commonDir,
    target,
  ]);
  return below;
}

export async function uncommittedChanges(repository: string): Promise<UncommittedChanges> {
  const status = await quietGit(await topLevel(repository), [
    "status",
    "--porcelain=v1",
    "-z",
    "--untracked-files=all",
    "--no-renames",
  ]);
  const entries = status.split("\0").filter((entry) => entry !== "");
  const paths = (wanted: (code: string) => boolean): string[] =>
    entries.filter((entry) => wanted(entry.slice(0, 2))).map((entry) => entry.slice(3));
  return { tracked: paths((code) => code !== "??"), untracked: paths((code) => code === "??") };
}

/** Lays the work tree's uncommitted state over a scratch checkout, and commits it there so that tools see a clean tree. */
export async function takeUncommittedAlong(repository: string, target: string): Promise<void> {
  const changes = await uncommittedChanges(repository);
  const source = await topLevel(repository);
  const patch = await quietGit(source, ["diff", "--binary", "--no-ext-diff", "--no-textconv", "HEAD"]);
  if (patch !== "") await quietGit(target, ["apply", "--binary", "--whitespace=nowarn", "-"], patch);
  for (const path of changes.untracked) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(source, path), join(target, path), { recursive: true, verbatimSymlinks: true });
  }
  await commitAll(target, "Uncommitted changes, taken along");
}

/** Commits all that changed in a scratch checkout, under a name of its own: the user's signing and identity play no part. */
export async function commitAll(checkout: string, message: string): Promise<void> {
  await quietGit(checkout, ["add", "--all"]);
  const identity = [
    "-c",
    "user.name=slipway",
    "-c",
    "user.email=slipway@localhost",
    "-c",
    "commit.gpgSign=false",
  ];
  await quietGit(checkout, [...identity, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", message]);
}

async function topLevel(repository: string): Promise<string> {
  return (await quietGit(repository, ["rev-parse", "--show-toplevel"])).replace(/\n$/, "");
}

async function originUrl(repository: string): Promise<string> {
  const answer = await execa("git", ["config", "--get", "remote.origin.url"], {
    cwd: repository,
    reject: false,
  });
  return answer.exitCode === 0 && answer.stdout !== "" ? answer.stdout.trim() : "no-remote";
}

/** The clone's own refs name the source's local branches; a base such as origin/main must mean the same in both. */
async function copyRemoteRefs(repository: string, target: string): Promise<void> {
  const refs = await quietGit(repository, [
    "for-each-ref",
    "--format=%(objectname) %(refname)",
    "refs/remotes/",
    "refs/heads/",
  ]);
  const lines = refs.split("\n").filter((line) => line !== "" && !line.endsWith("/HEAD"));
  if (lines.length === 0) return;
  const updates = lines.map((line) => {
    const [object = "", ref = ""] = line.split(" ");
    return `update ${ref} ${object}\n`;
  });
  await quietGit(target, ["update-ref", "--stdin"], updates.join(""));
}
