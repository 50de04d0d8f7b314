import picomatch from "picomatch";

export interface ProjectIdentity {
  readonly projectName: string;
  readonly dir: string;
  readonly tags: readonly string[];
}

/**
 * nx's project matcher, for the places in configuration that name projects: patterns in order, `!` takes away again; a
 * pattern is a name, `tag:…`, `directory:…` or a glob of names or directories.
 */
export function matchNxProjects<P extends ProjectIdentity>(
  patterns: readonly string[],
  projects: readonly P[],
): readonly P[] {
  const chosen = new Set<P>(patterns[0]?.startsWith("!") ? projects : []);
  for (const text of patterns) {
    const excludes = text.startsWith("!");
    for (const project of matching(excludes ? text.slice(1) : text, projects)) {
      if (excludes) chosen.delete(project);
      else chosen.add(project);
    }
  }
  return projects.filter((project) => chosen.has(project));
}

function matching<P extends ProjectIdentity>(pattern: string, projects: readonly P[]): readonly P[] {
  if (pattern === "*") return projects;
  const exact = projects.filter((each) => each.projectName === pattern);
  if (exact.length > 0) return exact;
  const [, label = "", value = pattern] = /^(tag|name|directory):(.*)$/s.exec(pattern) ?? [];
  const glob = picomatch(value, { dot: true });
  if (label === "tag") return projects.filter((each) => each.tags.some((tag) => tag === value || glob(tag)));
  const named = label === "directory" ? [] : projects.filter((each) => glob(each.projectName));
  return named.length > 0 || label === "name" ? named : projects.filter((each) => glob(each.dir));
}
