import picomatch from "picomatch";
import type { PackageName, Problem } from "@slipway/kernel";
import { namesOf, unknownName } from "./select-match.ts";
import type { Workspace, WorkspacePackage } from "./types.ts";

export interface MatchedProjects {
  /** With the pattern that chose each first. */
  readonly packages: readonly { readonly name: PackageName; readonly pattern: string }[];
  readonly problems: readonly Problem[];
}

/**
 * nx's project matcher: patterns are taken in order, `!` takes away again, and a list that starts with `!` starts from
 * all. A pattern is `name:`, `tag:` or `directory:`, or without label a name, part of one between word boundaries, a
 * glob of names, else a glob of directories.
 *
 * @param lists each may hold several patterns with commas between
 */
export function matchProjects(lists: readonly string[], workspace: Workspace): MatchedProjects {
  const patterns = lists
    .flatMap((list) => list.split(","))
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const chosen = new Map<PackageName, string>();
  const problems: Problem[] = [];
  const { packages, tasks } = workspace;
  const isProject = (name: PackageName): boolean =>
    tasks.source === "nx" && tasks.rules.some((rule) => rule.package === name);
  // To nx the root is a project where it has a configuration of its own.
  const all = packages.filter(({ name, dir }) => dir !== "" || isProject(name));
  if (patterns[0]?.startsWith("!")) for (const { name } of all) chosen.set(name, "*");
  for (const text of patterns) {
    const isExclude = text.startsWith("!");
    const pattern = isExclude ? text.slice(1) : text;
    const found = matching(pattern, all);
    if (found.length === 0 && !isExclude && isPlainName(pattern)) {
      problems.push(
        unknownName(
          pattern,
          workspace.packages.map(({ name }) => name),
        ),
      );
    }
    for (const { name } of found) {
      if (isExclude) chosen.delete(name);
      else if (!chosen.has(name)) chosen.set(name, text);
    }
  }
  return { packages: [...chosen].map(([name, pattern]) => ({ name, pattern })), problems };
}

function matching(pattern: string, all: readonly WorkspacePackage[]): readonly WorkspacePackage[] {
  const exact = all.filter((one) => namesOf(one).includes(pattern));
  if (exact.length > 0) return exact;
  if (pattern === "*") return all;
  const at = pattern.indexOf(":");
  const value = pattern.slice(at + 1);
  switch (at > 0 ? pattern.slice(0, at) : "") {
    case "tag":
      return all.filter(({ tags }) => matchesAny(value, tags));
    case "name":
      return byName(value, all);
    case "directory":
      return byDirectory(value, all);
    default: {
      const named = byName(pattern, all);
      return named.length > 0 ? named : byDirectory(pattern, all);
    }
  }
}

/** By what nx calls them; the names of their packages count where that finds nothing, neither name nor directory. */
function byName(value: string, all: readonly WorkspacePackage[]): readonly WorkspacePackage[] {
  const exact = all.filter((one) => namesOf(one).includes(value));
  if (exact.length > 0) return exact;
  const matches = nameMatcher(value);
  const own = all.filter((one) => matches(one.aliases[0] ?? one.name));
  if (own.length > 0 || byDirectory(value, all).length > 0) return own;
  return all.filter((one) => matches(one.name));
}

function nameMatcher(value: string): (name: string) => boolean {
  if (picomatch.scan(value).isGlob) return (name) => matchesAny(value, [name]);
  // A word boundary as nx draws it: a hyphen belongs to the word, an underscore does not.
  const plain = value.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  const word = new RegExp(`(?<![@a-zA-Z0-9-])${plain}(?![@a-zA-Z0-9-])`, "i");
  return (name) => word.test(name);
}

function byDirectory(value: string, all: readonly WorkspacePackage[]): readonly WorkspacePackage[] {
  return all.filter(({ dir }) => matchesAny(value, [dir || "."]));
}

function matchesAny(pattern: string, values: readonly string[]): boolean {
  const matches = picomatch(pattern, { dot: true });
  return values.some((value) => value === pattern || matches(value));
}

function isPlainName(pattern: string): boolean {
  return !pattern.includes(":") && !pattern.includes("/") && !picomatch.scan(pattern).isGlob;
}
