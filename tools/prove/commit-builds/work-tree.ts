import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { constants, cpSync, existsSync, lstatSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { loadWorkspace } from "../../../packages/cli/src/wire/load-workspace.ts";
import { checkOut } from "../affected-history/checkout.ts";

const lockfiles = ["pnpm-lock.yaml", "package-lock.json", "yarn.lock", "bun.lock"];
/** What runners and tools keep for themselves. */
const notBuilt = /(?:^|\/)(?:node_modules|\.turbo|\.nx|\.cache|\.tsbuildinfo)(?:\/|$)|\.tsbuildinfo$/;

/** The newest of the first-parent line that need what is installed, the oldest first. */
export function commitsWithSameDependencies(root: string, count: number): string[] {
  const newest = git(root, "rev-list", "--first-parent", `--max-count=${count}`, "HEAD").split("\n");
  const lock = (commit: string): string => git(root, "ls-tree", commit, ...lockfiles);
  const [head = "HEAD"] = newest;
  const changedAt = newest.findIndex((commit) => lock(commit) !== lock(head));
  return (changedAt === -1 ? newest : newest.slice(0, changedAt)).toReversed();
}

/** A clone with what is installed in it, and without anything that was built or kept before. */
export function copyInstalled(repository: string, to: string): void {
  cpSync(repository, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  git(to, "clean", "--force", "-d", "-x", "--quiet", "--exclude=node_modules");
  rmSync(join(to, "node_modules/.cache"), { recursive: true, force: true });
}

/**
 * Packages of which pnpm was told to install nothing, so that nobody can build them: where a dependency cannot be had any
 * more, all others are compared still.
 */
export function notInstalled(root: string): string[] {
  if (!existsSync(join(root, "node_modules/.pnpm"))) return [];
  return loadWorkspace(root)
    .workspace.packages.filter(({ dir }) => dir !== "" && !existsSync(join(root, dir, "node_modules")))
    .filter(({ manifest }) => manifest["dependencies"] ?? manifest["devDependencies"])
    .map(({ name }) => name);
}

/** Built files stay where they are, as on a developer's machine. */
export function goTo(root: string, commit: string): void {
  checkOut(root, commit, (...args) => git(root, ...args));
  git(root, "clean", "--force", "-d", "--quiet");
}

/** The digest of each file that git ignores and that was not installed. */
export function outputsIn(root: string): Map<string, string> {
  const listed = git(root, "ls-files", "--others", "--ignored", "--exclude-standard", "-z").split("\0");
  const built = listed.filter((path) => path !== "" && !path.endsWith("/") && !notBuilt.test(path));
  return new Map(built.map((path) => [path, digestOf(join(root, path))]));
}

function digestOf(path: string): string {
  if (lstatSync(path).isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function git(root: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1024 ** 3 }).trim();
}
