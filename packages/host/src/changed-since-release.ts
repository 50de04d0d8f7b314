import { readGit, type Environment } from "./git.ts";

export interface ReleasedPackage {
  readonly name: string;
  /** Relative to the root; empty for the root itself. */
  readonly dir: string;
  readonly version: string;
}

/**
 * The packages with a file changed since their current version was released: since the tag `name@version` (`vVERSION`
 * for one at the root), or, without a tag, since the last commit that touched a `"version"` line of their manifest.
 *
 * @returns by name, in words since when; a package whose release is not to be found counts as changed
 */
export async function changedSinceRelease(
  root: string,
  packages: readonly ReleasedPackage[],
  env: Environment,
): Promise<ReadonlyMap<string, string>> {
  const tags = new Set(await lines(root, ["tag", "--list", "--merged", "HEAD"], env));
  const versionCommits = await versionCommitsOf(root, env);
  const changed = new Map<string, string>();
  const filesSince = new Map<string, readonly string[]>();
  for (const each of packages) {
    const manifest = each.dir === "" ? "package.json" : `${each.dir}/package.json`;
    const tag = tagsOf(each).find((name) => tags.has(name));
    const since = tag ?? versionCommits.get(manifest);
    if (since === undefined) {
      changed.set(each.name, "the beginning: it was never released");
      continue;
    }
    const known = filesSince.get(since) ?? (await lines(root, diff(since), env));
    filesSince.set(since, known);
    const prefix = each.dir === "" ? "" : `${each.dir}/`;
    if (known.some((path) => path.startsWith(prefix))) changed.set(each.name, tag ?? since.slice(0, 10));
  }
  return changed;
}

function tagsOf({ name, dir, version }: ReleasedPackage): readonly string[] {
  return dir === "" ? [`${name}@${version}`, `v${version}`] : [`${name}@${version}`];
}

function diff(since: string): readonly string[] {
  return ["diff", "--name-only", "--no-renames", "--relative", "--no-ext-diff", since, "HEAD", "--"];
}

/** For each manifest the last commit that changed a version in it: one walk for all. */
async function versionCommitsOf(root: string, env: Environment): Promise<ReadonlyMap<string, string>> {
  const log = [
    "log",
    "--format=%x01%H",
    "--name-only",
    "--no-renames",
    "--relative",
    "-G",
    '^\\s*"version":',
  ];
  const found = new Map<string, string>();
  let commit = "";
  for (const line of await lines(root, [...log, "--", "package.json", "*/package.json"], env)) {
    if (line.startsWith("\u0001")) commit = line.slice(1);
    else if (!found.has(line)) found.set(line, commit);
  }
  return found;
}

async function lines(root: string, args: readonly string[], env: Environment): Promise<readonly string[]> {
  const { exitCode, stdout } = await readGit(root, args, env);
  return exitCode === 0 ? stdout.toString("utf8").split("\n").filter(Boolean) : [];
}
