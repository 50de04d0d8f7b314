import picomatch from "picomatch";
import { didYouMean, type PackageName, type Problem, type RelativePath } from "@slipway/kernel";
import type { WorkspacePackage } from "./types.ts";

const tagPrefix = "tag:";

/** The packages that a name, a glob of names, a name without its scope or `tag:x` means. */
export function matchName(
  pattern: string,
  packages: readonly WorkspacePackage[],
): { readonly packages: readonly WorkspacePackage[] } | Problem {
  if (pattern.startsWith(tagPrefix)) {
    const matches = picomatch(pattern.slice(tagPrefix.length));
    return { packages: packages.filter(({ tags }) => tags.some((tag) => matches(tag))) };
  }
  if (pattern === "//") return { packages: packages.filter(({ dir }) => dir === "") };
  const found = matchPattern(pattern, packages);
  if (found.length > 0) return { packages: found };
  const isScoped = pattern.startsWith("@") || pattern.includes("/");
  const scoped = isScoped ? [] : matchPattern(`@*/${pattern}`, packages);
  if (scoped.length === 1) return { packages: scoped };
  if (isGlob(pattern)) return { packages: [] };
  return unknownName(
    pattern,
    packages.map(({ name }) => name),
    scoped.map(({ name }) => name),
  );
}

/** In a name pattern only `*` is special, and it crosses slashes: `@scope*` means all of a scope. */
function matchPattern(pattern: string, packages: readonly WorkspacePackage[]): readonly WorkspacePackage[] {
  if (!isGlob(pattern)) return packages.filter((one) => namesOf(one).includes(pattern));
  const source = pattern.split("*").map(escaped).join(".*");
  const expression = new RegExp(`^${source}$`);
  return packages.filter((one) => namesOf(one).some((name) => expression.test(name)));
}

export function namesOf({ name, aliases }: WorkspacePackage): readonly string[] {
  return [name, ...aliases];
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

function isGlob(pattern: string): boolean {
  return pattern.includes("*");
}

export interface MatchedDirectory {
  readonly packages: readonly WorkspacePackage[];
  /** A directory that has nothing to do with any package. */
  readonly missing?: Problem;
  /** A directory that is no package itself, though there are some below it, or a glob that matches none. */
  readonly empty?: Problem;
}

/**
 * The package in a directory, or those in the directories that a glob means.
 *
 * @param cwd what the directory is relative to, itself relative to the root
 */
export function matchDirectory(
  directory: string,
  packages: readonly WorkspacePackage[],
  cwd: RelativePath,
): MatchedDirectory {
  const wanted = joined(cwd, directory);
  const hasGlob = wanted !== null && picomatch.scan(wanted).isGlob;
  const matches = hasGlob ? picomatch(wanted, { dot: true }) : (dir: string) => dir === wanted;
  const found = packages.filter(({ dir }) => matches(dir));
  if (found.length > 0) return { packages: found };
  const code = "package/unknown";
  const isAbove = (parent: string): boolean =>
    packages.some(({ dir }) => parent === "" || dir === parent || dir.startsWith(`${parent}/`));
  if (wanted !== null && wanted !== "" && isAbove(wanted)) {
    const message = `No package is in ${directory} itself.`;
    return { packages: [], empty: { code, message, hint: `Those below it are ${directory}/**.` } };
  }
  const message = `No package is in ${directory}.`;
  const problem = { code, message, hint: "Directories count from the current directory." } as const;
  const isFaraway = !hasGlob || !isAbove(picomatch.scan(wanted).base);
  return isFaraway ? { packages: [], missing: problem } : { packages: [], empty: problem };
}

/** Null: the path leads out of the workspace. */
function joined(cwd: RelativePath, path: string): RelativePath | null {
  const segments = cwd === "" ? [] : cwd.split("/");
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join("/");
}

export function unknownName(
  name: string,
  known: readonly PackageName[],
  meant: readonly PackageName[] = [],
): Problem {
  if (meant.length > 1) {
    const message = `"${name}" could be ${meant.join(" or ")}.`;
    return { code: "package/unknown", message, hint: "Name it with its scope." };
  }
  const guess = didYouMean(name, [...known, ...known.map(unscoped)]);
  const hint = guess ? `Did you mean "${guess}"?` : "`slipway graph` lists the packages.";
  return { code: "package/unknown", message: `No package of this workspace is called "${name}".`, hint };
}

function unscoped(name: PackageName): string {
  return name.startsWith("@") ? name.slice(name.indexOf("/") + 1) : name;
}
