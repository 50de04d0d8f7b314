/** Good workspaces as files by path: one for each kind of task configuration and lockfile. */
export const wholeWorkspaces: readonly Readonly<Record<string, string>>[] = [
  {
    "package.json": JSON.stringify({
      name: "root",
      packageManager: "pnpm@10.2.0",
      engines: { node: ">=22" },
    }),
    "pnpm-workspace.yaml": 'packages:\n  - "packages/*" # all\ncatalog:\n  b: workspace:^\n',
    "turbo.json": `{
  // everything
  "globalDependencies": ["tsconfig.json"],
  "globalEnv": ["NODE_ENV"],
  "tasks": {
    "build": { "dependsOn": ["^build"], "outputs": ["dist/**"], "inputs": ["$TURBO_DEFAULT$", "!*.md"], },
    "test": { "dependsOn": ["build", "b#build"], "env": ["CI_*", "!CI_X"] },
    "//#format": { "cache": false },
    "a#build": { "with": ["b#dev"] },
    "dev": { "persistent": true, "cache": false },
  },
}`,
    "packages/a/package.json": JSON.stringify(
      { name: "a", scripts: { build: "tsc" }, dependencies: { b: "catalog:" } },
      null,
      2,
    ),
    "packages/b/package.json": JSON.stringify({ name: "b", version: "1.0.0", scripts: { build: "tsc" } }),
    "packages/b/turbo.jsonc":
      '{ "extends": ["//"], "tasks": { "build": { "outputs": ["$TURBO_EXTENDS$", "lib/**"] } } }',
  },
  {
    "package.json": JSON.stringify({ name: "root", workspaces: ["packages/*"], nx: {} }),
    "package-lock.json": JSON.stringify({ name: "root", lockfileVersion: 3, packages: {} }),
    "nx.json": JSON.stringify(
      {
        namedInputs: { production: ["default", "!{projectRoot}/**/*.spec.ts"] },
        targetDefaults: {
          build: [
            { inputs: ["production", "^production"], cache: true },
            { filter: { projects: ["tag:x"] }, dependsOn: ["^build"] },
          ],
          "nx:run-commands": { options: { cwd: "{projectRoot}" } },
        },
      },
      null,
      2,
    ),
    "packages/a/package.json": JSON.stringify({
      name: "a",
      scripts: { build: "tsc" },
      nx: { tags: ["x"], targets: { build: { outputs: ["{projectRoot}/dist"] } } },
    }),
    "libs/c/project.json":
      '{ "name": "c", "targets": { "gen": { "command": "echo {projectRoot}", "configurations": { "ci": { "args": "--ci" } } } } }',
  },
  {
    "package.json": JSON.stringify({ name: "root", private: true }),
    "pnpm-workspace.yaml":
      'packages: ["a"]\ntasks:\n  build:\n    dependsOn: ["^build"]\n    outputs: ["dist/**"]\n',
    "a/package.json": JSON.stringify({ name: "a", scripts: { build: "tsc", test: "node --test" } }),
  },
];
