import { isRecord, type RelativePath } from "@slipway/kernel";
import { Range, SemVer } from "semver";
import type { Findings } from "../parse/findings.ts";
import type { DependencyKind, WorkspaceEdge } from "../types.ts";
import { catalogRange, type Catalogs } from "./catalogs.ts";
import type { ReadPackage } from "./read-packages.ts";

export const dependencyKinds: readonly DependencyKind[] = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
];

/** What a declared range is resolved against. */
export interface EdgeContext {
  readonly byName: ReadonlyMap<string, ReadPackage>;
  readonly byDir: ReadonlyMap<RelativePath, ReadPackage>;
  readonly catalogs: Catalogs;
  /** Ranges that the root forces on every manifest (`overrides`, `resolutions`), plain names only. */
  readonly overrides: ReadonlyMap<string, string>;
  /** False: a plain range means the registry, even where the workspace has a version that fits. */
  readonly linksRanges: boolean;
}

/** One dependency as a manifest declares it. */
interface Declaration {
  readonly from: ReadPackage;
  readonly kind: DependencyKind;
  readonly name: string;
  readonly range: string;
}

type Target = Pick<WorkspaceEdge, "to" | "via" | "fromRegistry">;

/** The package's edges to other packages of the workspace; what leads outside is no edge. */
export function readEdges(
  from: ReadPackage,
  context: EdgeContext,
  findings: Findings,
): readonly WorkspaceEdge[] {
  const edges: WorkspaceEdge[] = [];
  for (const kind of dependencyKinds) {
    const declared = from.manifest[kind];
    if (!isRecord(declared)) {
      if (declared !== undefined && declared !== null)
        warn(findings, from, { message: `"${kind}" must be an object`, path: [kind] });
      continue;
    }
    for (const [name, range] of Object.entries(declared)) {
      if (typeof range !== "string") {
        warn(findings, from, { message: `the range of "${name}" must be a string`, path: [kind, name] });
        continue;
      }
      const declaration = { from, kind, name, range: context.overrides.get(name) ?? range };
      const target = targetOf(declaration, context, findings);
      if (target && target.to !== from.name) {
        const { to, via, ...rest } = target;
        edges.push({ to, kind, range, via, ...rest });
      }
    }
  }
  return edges;
}

function targetOf(declaration: Declaration, context: EdgeContext, findings: Findings): Target | null {
  const { name, range } = declaration;
  // Most ranges are plain and name nothing of the workspace.
  const protocol = /^[a-z]+(?=:)/.exec(range)?.[0];
  switch (protocol) {
    case undefined:
      return isPath(range) ? atPath(declaration, range, context) : plainTarget(name, range, context);
    case "workspace":
      return workspaceTarget(declaration, context, findings);
    case "catalog": {
      const actual = catalogRange(context.catalogs, name, range);
      if (actual === undefined) {
        const message = `no catalog has an entry for "${name}" (${range})`;
        warn(findings, declaration.from, { message, path: [declaration.kind, name] });
        return null;
      }
      const target = targetOf(
        { ...declaration, range: actual.startsWith("catalog:") ? "" : actual },
        context,
        findings,
      );
      return target && { ...target, via: "catalog" };
    }
    case "npm": {
      const alias = aliasOf(range.slice("npm:".length));
      const target = plainTarget(alias?.name ?? name, alias?.range ?? range.slice("npm:".length), context);
      return target && { ...target, via: "alias" };
    }
    case "link":
    case "portal":
    case "file":
      return atPath(declaration, range.slice(protocol.length + 1), context);
    case "patch": {
      const inner = aliasOf(decoded(range.slice("patch:".length).split("#")[0] ?? ""));
      return inner && targetOf({ ...declaration, name: inner.name, range: inner.range }, context, findings);
    }
    default:
      return null;
  }
}

/** `workspace:^`, `workspace:name@*` (an alias), `workspace:../dir`, and Yarn's `workspace:packages/dir`. */
function workspaceTarget(declaration: Declaration, context: EdgeContext, findings: Findings): Target | null {
  const body = declaration.range.slice("workspace:".length);
  if (isPath(body)) return atPath(declaration, body, context);
  const alias = aliasOf(body);
  const byPath = context.byDir.get(body);
  if (byPath && body !== "") return { to: byPath.name, via: "workspace" };
  const name = alias?.name ?? declaration.name;
  if (context.byName.has(name)) return { to: name, via: alias ? "alias" : "workspace" };
  const { from, kind } = declaration;
  const message = `"${name}" (${declaration.range}) is no package of this workspace`;
  warn(findings, from, { message, path: [kind, declaration.name] });
  return null;
}

function plainTarget(name: string, range: string, context: EdgeContext): Target | null {
  const target = context.byName.get(name);
  if (!target || !matches(range, target.manifest["version"])) return null;
  return { to: target.name, via: "range", ...(context.linksRanges ? {} : { fromRegistry: true }) };
}

function atPath(declaration: Declaration, path: string, context: EdgeContext): Target | null {
  const dir = joined(declaration.from.dir, path);
  const target = dir === null ? undefined : context.byDir.get(dir);
  if (!target) return null;
  const { range } = declaration;
  const via = range.startsWith("workspace:") ? "workspace" : range.startsWith("link:") ? "link" : "file";
  return { to: target.name, via };
}

function isPath(range: string): boolean {
  return /^\.{0,2}\//.test(range) || range === "." || range === "..";
}

/** `name@range` -> its parts; null when there is no name. */
function aliasOf(body: string): { readonly name: string; readonly range: string } | null {
  const at = body.indexOf("@", 1);
  if (at !== -1) return { name: body.slice(0, at), range: body.slice(at + 1) };
  return /^(@[\w.-]+\/)?[a-zA-Z][\w.-]*$/.test(body) && !/^[xX]$/.test(body)
    ? { name: body, range: "*" }
    : null;
}

/** A root-relative path; null when it leaves the workspace. */
function joined(dir: RelativePath, path: string): RelativePath | null {
  if (path.startsWith("/")) return null;
  const parts = dir === "" ? [] : dir.split("/");
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

const ranges = new Map<string, Range | null>();
const rangesMax = 10_000;

/**
 * Whether the local version is what the range asks for: package managers then link the workspace's package. Every
 * version is in `*`, prereleases too.
 */
function matches(range: string, version: unknown): boolean {
  const wanted = range.trim();
  if (wanted === "*" || wanted === "") return true;
  if (typeof version !== "string") return false;
  if (wanted === version) return true;
  const parsed = parsedRange(wanted);
  // A dist-tag: package managers take the workspace's package, and so does turbo.
  if (!parsed) return isTag(wanted);
  try {
    return parsed.test(new SemVer(version));
  } catch {
    return false;
  }
}

/** A word that is no range, as `latest`. */
export function isDistTag(range: string): boolean {
  const wanted = range.trim();
  return isTag(wanted) && !parsedRange(wanted);
}

function isTag(text: string): boolean {
  return /^[a-zA-Z][\w.-]*$/.test(text);
}

function parsedRange(text: string): Range | null {
  const known = ranges.get(text);
  if (known !== undefined) return known;
  let range: Range | null = null;
  try {
    range = new Range(text, { includePrerelease: true });
  } catch {
    // Not a range: a dist-tag, a GitHub shorthand, a mistake that the package manager reports.
  }
  if (ranges.size >= rangesMax) ranges.clear();
  ranges.set(text, range);
  return range;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function warn(
  findings: Findings,
  { file, document }: ReadPackage,
  { message, path }: { readonly message: string; readonly path: readonly string[] },
): void {
  const line = document.lineOf(path);
  findings.warnings.push({ code: "workspace/bad-manifest", message: `${message}, in ${file}`, file, line });
}
