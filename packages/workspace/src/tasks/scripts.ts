import { closure, isRecord } from "@slipway/kernel";
import type { TaskConfiguration, TaskNeed, TaskRule, WorkspacePackage } from "../types.ts";
import { isWireit } from "./other-runners.ts";
import { allFiles, anchored, noInputs, ruleOf } from "./rule.ts";

type Rules = Pick<TaskConfiguration, "rules" | "envMode" | "global" | "follows">;

/** What tasks need where nobody says: builds build their dependencies first, and what checks a build needs it. */
const needs: Readonly<Record<string, readonly TaskNeed[]>> = {
  build: [{ kind: "dependencies", task: "build" }],
  test: [{ kind: "self", task: "build" }],
};

/** Tasks that only look: there is nothing to restore when they are skipped. */
const checks = new Set(["test", "lint", "typecheck", "type-check", "check-types", "check"]);

/** Scripts that by their name go on until somebody ends them: all of them run at the same time. */
const goesOn = /^(?:dev|serve|start|watch|preview)(?::|$)/;

/** Files of the root that configure the tools of every package; its lockfile counts by closure, prose not at all. */
const rootFiles = [
  "*.json",
  "*.jsonc",
  "*.js",
  "*.cjs",
  "*.mjs",
  "*.ts",
  "*.cts",
  "*.mts",
  "*.yaml",
  "*.yml",
  "*.toml",
  ".*rc",
  ".env*",
];
const lockfiles = ["!package-lock.json", "!npm-shrinkwrap.json", "!pnpm-lock.yaml", "!bun.lock"];

/**
 * Rules for a workspace without any task configuration: its package scripts, with the needs that nearly everybody
 * means. Nobody declared inputs, so all files of the package and of all that it depends on count. A script that only the
 * root has is a task of the root: it builds or checks all packages at once, so every file of the repository counts.
 */
export function scriptRules(packages: readonly WorkspacePackage[]): Rules {
  const graph = new Map(packages.map((each) => [each.name, linked(each)]));
  const dirs = new Map(packages.map((each) => [each.name, each.dir]));
  const rules = packages
    .filter((each) => each.dir !== "" || packages.length === 1)
    .flatMap((owner) => {
      const reached = [...closure(graph, [owner.name])].toSorted().map((name) => dirs.get(name) ?? "");
      const files = reached
        .filter((dir) => dir !== "" || packages.length === 1)
        .flatMap((dir) => [...allFiles(dir), ...dotenvFiles(dir)]);
      return Object.keys(owner.scripts).map((script) => scriptRule(owner, script, files));
    });
  return {
    rules: [...rules, ...rootRules(packages)],
    follows: ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"],
    envMode: "filtered",
    global: { files: [...rootFiles, ...lockfiles], env: [], passThroughEnv: [], values: {} },
  };
}

/** Bundlers and servers read them, and most repositories have git ignore some of them. */
function dotenvFiles(dir: string): TaskRule["inputs"]["files"] {
  return [{ include: [anchored(dir, ".env*")], exclude: [], ignored: "include" }];
}

function linked({ edges }: WorkspacePackage): string[] {
  return edges.filter(({ fromRegistry }) => !fromRegistry).map(({ to }) => to);
}

/**
 * Where a package has the script too, the root's one most often starts those of the packages: what we do ourselves, so
 * that it has to be asked for by name.
 */
function rootRules(packages: readonly WorkspacePackage[]): TaskRule[] {
  const root = packages.length > 1 ? packages.find(({ dir }) => dir === "") : undefined;
  if (!root) return [];
  const taken = new Set(
    packages.filter((each) => each !== root).flatMap((each) => Object.keys(each.scripts)),
  );
  return Object.keys(root.scripts).map((script) => {
    const rule = scriptRule(root, script, allFiles(""));
    return taken.has(script) ? { ...rule, dependsOn: [], onlyByName: true } : rule;
  });
}

function scriptRule(owner: WorkspacePackage, script: string, files: TaskRule["inputs"]["files"]): TaskRule {
  const outputs = script === "build" ? builtDirectories(owner.manifest) : [];
  const source = owner.dir === "" ? "package.json" : `${owner.dir}/package.json`;
  return ruleOf({
    package: owner.name,
    task: script,
    action: { kind: "script", script },
    dependsOn: Object.hasOwn(needs, script) ? (needs[script] ?? []) : [],
    cache: (checks.has(script) || outputs.length > 0) && !isWireit(owner.scripts[script]),
    persistent: goesOn.test(script),
    declaredOutputs: outputs.map((dir) => `${dir}/**`),
    inputs: { ...noInputs, files },
    outputs: { include: outputs.map((dir) => anchored(owner.dir, `${dir}/**`)), exclude: [] },
    sources: { action: source, ...(outputs.length > 0 ? { outputs: source } : {}) },
  });
}

const sourceDirectories = new Set(["src", "source", "test", "tests", "bin", "scripts", "node_modules"]);

/**
 * Directories that a manifest's entries point into, sources excepted: a build makes them. None: what the build makes is
 * not known, so it can't be restored. An entry beside the manifest, or one in a source directory, is taken as written by hand.
 */
function builtDirectories(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const { main, module, types, typings, bin, exports } = manifest;
  const dirs = targets([main, module, types, typings, bin, exports])
    .map((path) => /^(?:\.\/)?([^./*][^/*]*)\/./.exec(path)?.[1])
    .filter((dir) => dir !== undefined);
  return [...new Set(dirs)].filter((dir) => !sourceDirectories.has(dir)).toSorted();
}

function targets(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(targets);
  return isRecord(value) ? Object.values(value).flatMap(targets) : [];
}
