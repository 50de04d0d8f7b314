import type { PackageName, RelativePath } from "@slipway/kernel";
import type { TaskNeed, TaskRule, TaskSource, Workspace, WorkspaceEdge } from "@slipway/workspace";

/** A workspace in few words, for tests of what is decided from it. */
export interface Sketch {
  readonly source?: TaskSource;
  /** What each package depends on; `dev:b` is a devDependency. */
  readonly packages: Readonly<Record<PackageName, readonly string[]>>;
  /** Scripts per package; a package without an entry has those of `*`. */
  readonly scripts?: Readonly<Record<PackageName, readonly string[]>>;
  /** dependsOn per task: `^build`, `lint`, `pkg#task`; `pkg#task` as key is for one package. */
  readonly dependsOn?: Readonly<Record<string, readonly string[]>>;
  readonly rule?: (name: PackageName, task: string) => Partial<TaskRule>;
}

export function workspaceOf(sketch: Sketch): Workspace {
  const names = Object.keys(sketch.packages);
  const scriptsOf = (name: string): readonly string[] =>
    sketch.scripts?.[name] ?? sketch.scripts?.["*"] ?? [];
  const rules = names.flatMap((name) =>
    scriptsOf(name).map((task): TaskRule => {
      const declared = sketch.dependsOn?.[`${name}#${task}`] ?? sketch.dependsOn?.[task] ?? [];
      return { ...plainRule(name, task), dependsOn: declared.map(need), ...sketch.rule?.(name, task) };
    }),
  );
  return {
    manager: { name: "pnpm", version: null, berry: false, because: "default" },
    packages: names.map((name) => ({
      name,
      dir: dirOf(name),
      version: "1.0.0",
      private: false,
      scripts: Object.fromEntries(scriptsOf(name).map((script) => [script, `run-${script}`])),
      manifest: {},
      edges: (sketch.packages[name] ?? []).map(edge),
      tags: [],
      aliases: [],
    })),
    tasks: {
      source: sketch.source ?? "turbo",
      because: "",
      others: [],
      follows: ["dependencies", "devDependencies"],
      rules,
      envMode: "strict",
      global: { files: [], env: [], passThroughEnv: [], values: {} },
    },
    catalogs: {},
    lockfile: null,
    warnings: [],
  };
}

function dirOf(name: PackageName): RelativePath {
  return name === "//" ? "" : `packages/${name}`;
}

function edge(text: string): WorkspaceEdge {
  const isDev = text.startsWith("dev:");
  const to = isDev ? text.slice(4) : text;
  return { to, kind: isDev ? "devDependencies" : "dependencies", range: "workspace:*", via: "workspace" };
}

function need(text: string): TaskNeed {
  if (text.startsWith("^")) return { kind: "dependencies", task: text.slice(1) };
  const at = text.indexOf("#");
  if (at === -1) return { kind: "self", task: text };
  return { kind: "package", package: text.slice(0, at), task: text.slice(at + 1) };
}

function plainRule(name: PackageName, task: string): TaskRule {
  return {
    package: name,
    task,
    action: { kind: "script", script: task },
    dependsOn: [],
    with: [],
    cache: true,
    persistent: false,
    interactive: false,
    interruptible: false,
    parallelism: true,
    outputLogs: "full",
    declaredInputs: [],
    declaredOutputs: [],
    inputs: {
      files: [],
      env: [],
      runtime: [],
      dependencyOutputs: [],
      dependencyFingerprints: true,
      json: [],
      external: "closure",
      values: {},
    },
    outputs: { include: [], exclude: [] },
    env: [],
    passThroughEnv: [],
    configurations: [],
    defaultConfiguration: null,
    sources: {},
  };
}
