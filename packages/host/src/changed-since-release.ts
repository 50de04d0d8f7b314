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
  const points = await releasePoints(root, packages, env);
  const changed = new Map<string, string>();
  const filesSince = new Map<string, readonly string[]>();
  for (const each of packages) {
    const point = points.get(each.name);
    if (!point) {
      changed.set(each.name, "the beginning: it was never released");
      continue;
    }
    const known = filesSince.get(point.ref) ?? (await lines(root, diff(point.ref), env));
    filesSince.set(point.ref, known);
    const prefix = each.dir === "" ? "" : `${each.dir}/`;
    if (known.some((path) => path.startsWith(prefix))) changed.set(each.name, point.shown);
  }
  return changed;
}

export interface ReleasePoint {
  /** A tag or a commit. */
  readonly ref: string;
  readonly shown: string;
}

/** Where in history each package's current version was released; those that never were are left out. */
export async function releasePoints(
  root: string,
  packages: readonly ReleasedPackage[],
  env: Environment,
): Promise<ReadonlyMap<string, ReleasePoint>> {
  const tags = new Set(await lines(root, ["tag", "--list", "--merged", "HEAD"], env));
  const versionCommits = await versionCommitsOf(root, env);
  return new Map(
    packages.flatMap((each) => {
      const manifest = each.dir === "" ? "package.json" : `${each.dir}/package.json`;
      const tag = tagsOf(each).find((name) => tags.has(name));
      const ref = tag ?? versionCommits.get(manifest);
      return ref === undefined ? [] : [[each.name, { ref, shown: tag ?? ref.slice(0, 10) }] as const];
    }),
  );
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
