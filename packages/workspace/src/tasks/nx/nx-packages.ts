import type { PackageName } from "@slipway/kernel";
import { isDistTag } from "../../packages/read-edges.ts";
import type { WorkspaceEdge, WorkspacePackage } from "../../types.ts";
import { matchNxProjects } from "./match-nx-projects.ts";
import type { NxGraph } from "./nx-graph.ts";
import { record, type NxProject } from "./nx-projects.ts";

interface Known {
  readonly packages: readonly WorkspacePackage[];
  readonly projects: readonly NxProject[];
  readonly edges: NxGraph["edges"];
}

/** Packages with what nx knows of them; a project without manifest becomes one. */
export function withProjects({ packages, projects, edges }: Known): readonly WorkspacePackage[] {
  const byDir = new Map(packages.map((each) => [each.dir, each]));
  const byProjectName = new Map(projects.map((each) => [each.projectName, each]));
  const named = projects.map((project): WorkspacePackage => {
    const known = byDir.get(project.dir);
    byDir.delete(project.dir);
    const base = known ?? withoutManifest(project);
    const has = new Set(base.edges.map((edge) => edge.to));
    const asked = (edges.get(project.projectName) ?? []).flatMap(({ to, kind }): readonly WorkspaceEdge[] => {
      const target = byProjectName.get(to)?.name;
      return target === undefined || has.has(target) ? [] : [{ to: target, kind, range: "", via: kind }];
    });
    const aliases = project.projectName === base.name ? [] : [project.projectName];
    const { added, dropped } = implicitEdges(project, projects);
    const all = [...base.edges.map(asNxSees), ...asked].map((edge) =>
      dropped.has(edge.to) ? { ...edge, fromRegistry: true as const } : edge,
    );
    return { ...base, tags: project.tags, aliases, edges: [...all, ...added] };
  });
  return [...named, ...byDir.values()].toSorted((a, b) => (a.dir < b.dir ? -1 : a.dir > b.dir ? 1 : 0));
}

/** nx takes a range that the workspace's version fits for an edge, whatever the package manager installs; a dist-tag never. */
function asNxSees({ to, kind, range, via }: WorkspaceEdge): WorkspaceEdge {
  const edge = { to, kind, range, via };
  return via === "range" && isDistTag(range) ? { ...edge, fromRegistry: true } : edge;
}

/** What it has beside its project.json is no package of the workspace, but has scripts that its targets run. */
function withoutManifest({ name, dir, manifest }: NxProject): Omit<WorkspacePackage, "tags" | "aliases"> {
  const scripts = Object.entries(record(manifest["scripts"])).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    name,
    dir,
    version: null,
    private: true,
    scripts: Object.fromEntries(scripts),
    manifest,
    edges: [],
  };
}

/** What `!` names is taken from the others, and is no dependency even where the manifest has one. */
function implicitEdges(
  { implicitDependencies, ...project }: NxProject,
  projects: readonly NxProject[],
): { readonly added: readonly WorkspaceEdge[]; readonly dropped: ReadonlySet<PackageName> } {
  const negated = implicitDependencies.filter((each) => each.startsWith("!"));
  const wanted = implicitDependencies.filter((each) => !each.startsWith("!"));
  const chosen = wanted.length === 0 ? [] : matchNxProjects([...wanted, ...negated], projects);
  const without = negated.map((each) => each.slice(1));
  return {
    added: chosen
      .filter(({ name }) => name !== project.name)
      .map(({ name }) => ({ to: name, kind: "implicit", range: "", via: "implicit" })),
    dropped: new Set(matchNxProjects(without, projects).map(({ name }) => name)),
  };
}
