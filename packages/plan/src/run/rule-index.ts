import type { PackageName } from "@slipway/kernel";
import type { TaskRule, Workspace, WorkspacePackage } from "@slipway/workspace";

/** The rules of a workspace, found by package and task. */
export interface RuleIndex {
  readonly taskNames: ReadonlySet<string>;
  readonly packageNames: readonly PackageName[];
  /** What `//` stands for; null when the root has no manifest. */
  readonly rootName: PackageName | null;
  rule(name: PackageName, task: string): TaskRule | undefined;
  tasksOf(name: PackageName): readonly string[];
  package(name: PackageName): WorkspacePackage | undefined;
  /** The package with this name or alias, or the only one with this name behind its scope. */
  packageCalled(name: string): PackageName | null;
}

export function indexRules(workspace: Workspace): RuleIndex {
  const packages = new Map(workspace.packages.map((one) => [one.name, one]));
  const rules = new Map<PackageName, Map<string, TaskRule>>();
  const taskNames = new Set<string>();
  for (const rule of workspace.tasks.rules) {
    taskNames.add(rule.task);
    const ofPackage = rules.get(rule.package);
    if (ofPackage) ofPackage.set(rule.task, rule);
    else rules.set(rule.package, new Map([[rule.task, rule]]));
  }
  return {
    taskNames,
    packageNames: [...packages.keys()],
    rootName: workspace.packages.find((one) => one.dir === "")?.name ?? null,
    rule: (name, task) => rules.get(name)?.get(task),
    tasksOf: (name) => [...(rules.get(name)?.keys() ?? [])],
    package: (name) => packages.get(name),
    packageCalled(name) {
      if (packages.has(name)) return name;
      const aliased = workspace.packages.find(({ aliases }) => aliases.includes(name));
      if (aliased) return aliased.name;
      const matches = [...packages.keys()].filter((one) => one.startsWith("@") && one.endsWith(`/${name}`));
      return matches.length === 1 && matches[0] !== undefined && !name.includes("/") ? matches[0] : null;
    },
  };
}
