import { nxGraphNeed, readWorkspace } from "@slipway/workspace";
import { expect, test } from "vitest";

const files = new Map([
  ["package.json", JSON.stringify({ name: "root", workspaces: ["packages/*"] })],
  ["nx.json", JSON.stringify({ plugins: ["@nx/vite/plugin"] })],
  ["packages/a/package.json", '{\n  "name": "@s/a",\n  "scripts": {\n    "build": "tsc"\n  }\n}'],
  ["packages/b/package.json", JSON.stringify({ name: "@s/b" })],
]);

const answer = {
  graph: {
    nodes: {
      a: {
        name: "a",
        data: {
          root: "packages/a",
          tags: ["ui"],
          targets: {
            build: { executor: "nx:run-script", options: { script: "build" }, cache: true },
            vitest: {
              executor: "nx:run-commands",
              options: { command: "vitest", cwd: "packages/a" },
              cache: true,
            },
          },
        },
      },
      b: { name: "b", data: { root: "packages/b", targets: {} } },
    },
    dependencies: {
      a: [
        { source: "a", target: "b", type: "dynamic" },
        { source: "a", target: "npm:vite", type: "static" },
      ],
    },
  },
};

test("targets that nx's plugins infer and edges from imports come from nx's own answer", () => {
  const read = readWorkspace({ files, nxGraph: JSON.stringify(answer) });
  expect(read).toMatchObject({ ok: true, warnings: [] });
  if (!read.ok) return;
  expect(read.value.tasks.rules).toMatchObject([
    {
      package: "@s/a",
      task: "build",
      sources: { executor: "packages/a/package.json:4", cache: "nx.json (plugins)" },
    },
    {
      package: "@s/a",
      task: "vitest",
      cache: true,
      action: { kind: "commands", commands: ["vitest"], cwd: "packages/a" },
    },
  ]);
  expect(read.value.packages.find(({ name }) => name === "@s/a")).toMatchObject({
    aliases: ["a"],
    tags: ["ui"],
    edges: [{ to: "@s/b", kind: "import" }],
  });
});

test("without an answer it is said what is missing, and so it is with an answer that is none", () => {
  const missing = [
    expect.objectContaining({ file: "nx.json", message: expect.stringContaining("nx was not asked") }),
  ];
  expect(readWorkspace({ files })).toMatchObject({ ok: true, warnings: missing });
  expect(readWorkspace({ files, nxGraph: "{}" })).toMatchObject({ ok: true, warnings: missing });
});

test("nx.json has the fields of the preset that it extends where it has none of its own, from their place", () => {
  const nxPreset = "tools/nx-preset.json";
  const own = new Map(files)
    .set("nx.json", JSON.stringify({ extends: "./tools/nx-preset.json" }))
    .set("package.json", JSON.stringify({ name: "root", scripts: { test: "true" }, nx: {} }));
  const message = expect.stringContaining("./tools/nx-preset.json, which is not there");
  expect(readWorkspace({ files: own })).toMatchObject({ ok: true, warnings: [{ file: "nx.json", message }] });
  own.set(nxPreset, '{ "plugins": [],\n "targetDefaults": {\n "test": {\n "cache": true } } }');
  const read = readWorkspace({ files: own, nxPreset });
  if (!read.ok) throw new Error(read.problems.map((one) => one.message).join());
  const { rules, declaredIn } = read.value.tasks;
  expect(declaredIn).toEqual(["nx.json", nxPreset]);
  const rule = rules.find(({ package: name, task }) => name === "root" && task === "test");
  expect(rule).toMatchObject({ cache: true, sources: { cache: `${nxPreset}:4` } });
  own.set("nx.json", JSON.stringify({ extends: "./tools/nx-preset.json", targetDefaults: {} }));
  const without = readWorkspace({ files: own, nxPreset });
  expect(without.ok && without.value.tasks.rules.find(({ task }) => task === "test")?.cache).toBe(false);
  own.set(nxPreset, '{ "plugins": ["@nx/vite/plugin"] }');
  expect(nxGraphNeed({ files: own, nxPreset })).toBe("plugins");
});

test("a plugin that is made in the repository may do anything with any file", () => {
  const need = (plugin: string, range?: string): string =>
    nxGraphNeed({
      files: new Map([
        ["nx.json", JSON.stringify({ plugins: [{ plugin }] })],
        ["package.json", JSON.stringify({ devDependencies: range ? { "@acme/nx": range } : {} })],
      ]),
    });
  expect(need("./tools/plugin.ts")).toBe("sources");
  expect(need("@acme/nx/plugin")).toBe("sources");
  expect(need("@acme/nx/plugin", "workspace:*")).toBe("sources");
  expect(need("@acme/nx/plugin", "^1.0.0")).toBe("plugins");
  expect(need("@nx/vite/plugin")).toBe("plugins");
});

test("nx is asked only for what its plugins infer or for imports that it would look at", () => {
  const need = (nxJson: object, root: object = {}): string =>
    nxGraphNeed({
      files: new Map([
        ["nx.json", JSON.stringify(nxJson)],
        ["package.json", JSON.stringify(root)],
      ]),
    });
  expect(nxGraphNeed({ files: new Map() })).toBe("none");
  expect(need({ targetDefaults: {} })).toBe("none");
  expect(need({ plugins: [] })).toBe("none");
  expect(need({ plugins: ["@nx/eslint/plugin"] })).toBe("plugins");
  expect(need({}, { devDependencies: { "@nx/js": "24.0.6" } })).toBe("imports");
  expect(need({ extends: "nx/presets/npm.json" }, { devDependencies: { "@nx/js": "24.0.6" } })).toBe("none");
  expect(need({ pluginsConfig: { "@nx/js": {} } })).toBe("imports");
  expect(
    need(
      { pluginsConfig: { "@nx/js": { analyzeSourceFiles: false } } },
      { devDependencies: { "@nx/js": "1" } },
    ),
  ).toBe("none");
});
