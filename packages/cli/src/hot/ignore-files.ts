import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { findGitDirs, type DiskTree } from "@slipway/host";

/** Where git reads what to ignore: absolute paths, also of files that are not there and would count if they came. */
export function ignoreFiles({ root, listing }: DiskTree, env: NodeJS.ProcessEnv): string[] {
  const inTree = [...listing.dirs].flatMap(([dir, { files, ignored, stat }]) => {
    const path = `${root}/${dir === "" ? "" : `${dir}/`}.gitignore`;
    const isKnown = files.has(".gitignore") || ignored.has(".gitignore");
    // A directory whose names only git has read: one that is ignored itself is in no list.
    return isKnown || (stat === null && existsSync(path)) ? [path] : [];
  });
  const inner = listing.nested.flatMap((dir) => {
    const own = findGitDirs(`${root}/${dir}`);
    // Only the index of the repository around is looked into: of these a new one may have other names.
    return own ? [`${own.gitDir}/index`, `${own.commonDir}/info/exclude`, `${own.commonDir}/config`] : [];
  });
  return [...inTree, ...inner, ...ignoreSettings(root, env)];
}

/** The same of what does not stand in the tree itself. */
export function ignoreSettings(root: string, env: NodeJS.ProcessEnv): string[] {
  const git = findGitDirs(root);
  if (!git) return [];
  const above: string[] = [];
  for (let dir = root; dir !== dirname(dir) && !git.gitDir.startsWith(`${dir}/.git`); dir = dirname(dir)) {
    above.push(`${dirname(dir)}/.gitignore`);
  }
  return [...above, `${git.commonDir}/info/exclude`, ...settings({ root, ...git }, env)];
}

/** git's settings as far as they can name what to ignore. */
function settings(
  { root, gitDir, commonDir }: { readonly root: string; readonly gitDir: string; readonly commonDir: string },
  env: NodeJS.ProcessEnv,
): string[] {
  const home = env["HOME"] ?? "";
  const config = env["XDG_CONFIG_HOME"] || `${home}/.config`;
  const usual = [
    `${commonDir}/config`,
    `${gitDir}/config.worktree`,
    `${home}/.gitconfig`,
    `${config}/git/config`,
    "/etc/gitconfig",
  ];
  const isPlain =
    !Object.keys(env).some((name) => name.startsWith("GIT_CONFIG")) && !usual.some(namesMoreFiles);
  return [...usual, `${config}/git/ignore`, ...(isPlain ? [] : namedFiles(root, env))];
}

function namesMoreFiles(path: string): boolean {
  try {
    return /excludesfile|\[include/i.test(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
}

/** Files that settings were read from, and the one that says what to ignore, by git's own account. */
function namedFiles(root: string, env: NodeJS.ProcessEnv): string[] {
  const ask = (args: readonly string[]): string =>
    spawnSync("git", ["config", ...args], { cwd: root, env, encoding: "utf8" }).stdout;
  const origins = ask(["--list", "--show-origin", "--name-only", "-z"])
    .split("\0")
    .flatMap((word) => (word.startsWith("file:") ? [resolve(root, word.slice("file:".length))] : []));
  const excludes = ask(["--path", "--get", "core.excludesFile"]).trim();
  return [...new Set(origins), ...(excludes === "" ? [] : [resolve(root, excludes)])];
}
