import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadWorkspace } from "../src/wire/load-workspace.ts";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "load workspace-"));
  mkdirSync(`${root}/.git`);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, typeof content === "string" ? content : JSON.stringify(content));
  }
}

test("the workspace is found from any directory inside it, with the package that holds that directory", () => {
  write({
    "pnpm-workspace.yaml": "packages: [packages/*]",
    "package.json": { name: "root" },
    "packages/a/package.json": { name: "a" },
    "packages/a/src/deep/file.ts": "",
  });
  expect(loadWorkspace(`${root}/packages/a/src/deep`)).toMatchObject({ root, currentPackage: "a" });
  expect(loadWorkspace(`${root}/packages`)).toMatchObject({ root, currentPackage: null });
  expect(loadWorkspace(root).workspace.packages.map(({ name }) => name)).toEqual(["root", "a"]);
});

test("a nested manifest without a workspace above it is a repository of one package", () => {
  write({ "tool/package.json": { name: "tool", scripts: { build: "tsc" } } });
  expect(loadWorkspace(`${root}/tool`)).toMatchObject({
    root: `${root}/tool`,
    workspace: { packages: [{ name: "tool" }] },
  });
});

test("a package with workspaces of its own belongs to the outer workspace that lists it", () => {
  const outer = { name: "root", workspaces: ["packages/*"] };
  write({
    "package.json": outer,
    "packages/a/package.json": { name: "a", workspaces: ["plugins/*"] },
    "packages/a/plugins/p/package.json": { name: "p" },
    "packages/b/package.json": { name: "b", workspaces: [] },
    "packages/b/pnpm-workspace.yaml": "packages: []",
    "elsewhere/package.json": { name: "elsewhere", workspaces: ["x"] },
  });
  expect(loadWorkspace(`${root}/packages/a`)).toMatchObject({ root, currentPackage: "a" });
  expect(loadWorkspace(`${root}/packages/a/plugins/p`)).toMatchObject({ root, currentPackage: "a" });
  for (const own of ["packages/b", "elsewhere"]) {
    expect(loadWorkspace(`${root}/${own}`).root).toBe(`${root}/${own}`);
  }
  write({ "package.json": { ...outer, workspaces: 3 } });
  expect(loadWorkspace(`${root}/packages/a`).root).toBe(`${root}/packages/a`);
});

test("the search ends at the repository's root", () => {
  const inner = `${root}/inner`;
  write({ "package.json": { name: "outer", workspaces: ["*"] }, "inner/.git/HEAD": "" });
  expect(() => loadWorkspace(inner)).toThrow(expect.objectContaining({ code: "workspace/not-found" }));
});

test("globs choose directories: stars, double stars, braces, negation, and never node_modules", () => {
  write({
    "package.json": { name: "root", workspaces: ["{apps,libs}/*", "deep/**", "!deep/**/skip", "./one/"] },
    "apps/x/package.json": { name: "x" },
    "libs/y/package.json": { name: "y" },
    "libs/.hidden/package.json": { name: "hidden" },
    "deep/a/b/package.json": { name: "b" },
    "deep/a/skip/package.json": { name: "skip" },
    "deep/a/node_modules/dep/package.json": { name: "dep" },
    "one/package.json": { name: "one" },
    "two/package.json": { name: "two" },
  });
  expect(loadWorkspace(root).workspace.packages.map(({ name }) => name)).toEqual([
    "root",
    "x",
    "b",
    "y",
    "one",
  ]);
});

test("every malformed file is named at once", () => {
  write({ "package.json": { workspaces: ["*"] }, "a/package.json": "{", "b/package.json": '{ "name": }' });
  expect(() => loadWorkspace(root)).toThrow(
    expect.objectContaining({
      code: "workspace/bad-manifest",
      problems: [
        expect.objectContaining({ file: "a/package.json", line: 1 }),
        expect.objectContaining({ file: "b/package.json", line: 1, column: 11 }),
      ],
    }),
  );
});

test("what stands there and cannot be read is named, with the system's reason", () => {
  write({ "package.json": { workspaces: ["*"] }, "a/package.json": { name: "a" } });
  symlinkSync("turbo.json", `${root}/turbo.json`);
  expect(() => loadWorkspace(root)).toThrow(
    expect.objectContaining({
      code: "workspace/unreadable",
      message: "turbo.json cannot be read (ELOOP)",
    }),
  );
});

test("nx's projects are found wherever a project.json is", () => {
  write({
    "nx.json": {},
    "package.json": { name: "root" },
    "apps/shop/project.json": { name: "shop", targets: { build: { command: "echo" } } },
    "node_modules/x/project.json": { name: "installed" },
  });
  const { workspace } = loadWorkspace(`${root}/apps/shop`);
  expect(workspace.packages.map(({ name }) => name)).toEqual(["root", "shop"]);
  expect(workspace.tasks.rules).toMatchObject([
    { package: "shop", task: "build", action: { commands: ["echo"] } },
  ]);
});

test("turbo's file of the root is the one that was asked for, else the one that the root's scripts name", () => {
  write({
    "package.json": {
      name: "root",
      workspaces: ["packages/*"],
      scripts: { build: "dotenv -- turbo run build --root-turbo-json ./.config/turbo.jsonc" },
    },
    ".config/turbo.jsonc": '{ "tasks": { "build": {} } } // there',
    "other.json": { tasks: { test: {} } },
    "packages/a/package.json": { name: "a", scripts: { build: "true", test: "true" } },
  });
  const tasksOf = (cwd: string, rootTurboJson?: string) => {
    const { tasks } = loadWorkspace(cwd, rootTurboJson === undefined ? {} : { rootTurboJson }).workspace;
    return [tasks.because, tasks.declaredIn, tasks.rules.map((rule) => `${rule.package}#${rule.task}`)];
  };
  expect(tasksOf(root)).toEqual([".config/turbo.jsonc is there", [".config/turbo.jsonc"], ["a#build"]]);
  const other = ["other.json is there", ["other.json"], ["a#test"]];
  expect(tasksOf(root, "other.json")).toEqual(other);
  expect(tasksOf(`${root}/packages/a`, "../../other.json")).toEqual(other);
  expect(tasksOf(`${root}/packages/a`, "other.json")).toEqual(other);
  expect(() => tasksOf(root, "nowhere.json")).toThrow(
    expect.objectContaining({ code: "workspace/not-found" }),
  );
  write({ "turbo.json": { tasks: { test: {} } } });
  expect(tasksOf(root)[0]).toBe("turbo.json is there");
});
