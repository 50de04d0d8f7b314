import type { PackageName, RelativePath } from "@slipway/kernel";
import type { GlobalInputs, LockfileView, TaskRule, TaskSource, Workspace } from "@slipway/workspace";

export interface Sketch {
  /** Directory and dependencies of each package. */
  readonly packages: Readonly<
    Record<
      PackageName,
      { readonly dir: RelativePath; readonly needs?: readonly string[]; readonly tags?: readonly string[] }
    >
  >;
  readonly source?: TaskSource;
  readonly globalFiles?: readonly string[];
  /** Extra inputs of the task `build`, as root-relative globs. */
  readonly reads?: Readonly<Record<PackageName, readonly string[]>>;
  readonly closures?: Readonly<Record<PackageName, string>>;
}

export function sketched(sketch: Sketch): Workspace {
  const names = Object.keys(sketch.packages);
  const global: GlobalInputs = { files: sketch.globalFiles ?? [], env: [], passThroughEnv: [], values: {} };
  return {
    manager: { name: "pnpm", version: null, berry: false, because: "default" },
    packages: names.map((name) => ({
      name,
      dir: sketch.packages[name]?.dir ?? "",
      version: null,
      private: false,
      scripts: {},
      manifest: {},
      edges: (sketch.packages[name]?.needs ?? []).map((to) => {
        return { to, kind: "dependencies", range: "workspace:*", via: "workspace" } as const;
      }),
      tags: sketch.packages[name]?.tags ?? [],
      aliases: [],
    })),
    tasks: {
      source: sketch.source ?? "turbo",
      because: "",
      others: [],
      follows: ["dependencies"],
      rules: Object.entries(sketch.reads ?? {}).map(([name, globs]) => buildRule(name, globs)),
      envMode: "strict",
      global,
    },
    catalogs: {},
    lockfile: sketch.closures ? lockfileOf(sketch.closures) : null,
    warnings: [],
  };
}

export function lockfileOf(closures: Readonly<Record<PackageName, string>>): LockfileView {
  return { path: "pnpm-lock.yaml", format: "pnpm", closures };
}

function buildRule(name: PackageName, include: readonly string[]): TaskRule {
  return {
    package: name,
    task: "build",
    action: { kind: "script", script: "build" },
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
      files: [{ include, exclude: [], ignored: "respect" }],
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
