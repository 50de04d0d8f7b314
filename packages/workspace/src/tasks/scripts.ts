import type { TaskConfiguration, TaskNeed, TaskRule, WorkspacePackage } from "../types.ts";
import { allFiles, noInputs, ruleOf } from "./rule.ts";

type Rules = Pick<TaskConfiguration, "rules" | "envMode" | "global" | "follows">;

/** What tasks need where nobody says: builds build their dependencies first, and what checks a build needs it. */
const needs: Readonly<Record<string, readonly TaskNeed[]>> = {
  build: [{ kind: "dependencies", task: "build" }],
  test: [{ kind: "self", task: "build" }],
};

/** Tasks whose outputs nobody declares cannot be restored, so only these checks are safe to skip when nothing changed. */
const checks = new Set(["test", "lint", "typecheck", "type-check", "check-types", "check", "format:check"]);

/** Rules for a workspace without any task configuration: its package scripts, with the needs that nearly everybody means. */
export function scriptRules(packages: readonly WorkspacePackage[]): Rules {
  const rules = packages
    .filter((each) => each.dir !== "" || packages.length === 1)
    .flatMap((each) => Object.keys(each.scripts).map((script) => scriptRule(each, script)));
  return {
    rules,
    follows: ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"],
    envMode: "filtered",
    global: { files: [], env: [], passThroughEnv: [], values: {} },
  };
}

function scriptRule(owner: WorkspacePackage, script: string): TaskRule {
  const dependsOn = Object.hasOwn(needs, script) ? (needs[script] ?? []) : [];
  return ruleOf({
    package: owner.name,
    task: script,
    action: { kind: "script", script },
    dependsOn,
    cache: checks.has(script),
    inputs: { ...noInputs, files: allFiles(owner.dir) },
    sources: { action: owner.dir === "" ? "package.json" : `${owner.dir}/package.json` },
  });
}
