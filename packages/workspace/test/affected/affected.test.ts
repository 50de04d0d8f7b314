import { affected, type Affected, type WorkspaceChanges } from "@slipway/workspace";
import { describe, expect, test } from "vitest";
import { lockfileOf, sketched, type Sketch } from "./sketch.ts";

describe("a package is affected", () => {
  test("by its own files, and with it all that depends on it, each with its reason", () => {
    expect(reach(tree, ["packages/core/src/a.ts"])).toEqual([
      { name: "app", because: [{ kind: "dependency", package: "lib" }] },
      { name: "core", because: [{ kind: "file", path: "packages/core/src/a.ts" }] },
      { name: "lib", because: [{ kind: "dependency", package: "core" }] },
    ]);
  });

  test("by a file of the package with the longest directory above it, and by no neighbour's with a longer name", () => {
    const nested: Sketch = {
      packages: {
        outer: { dir: "packages/ui" },
        inner: { dir: "packages/ui/icons" },
        other: { dir: "packages/ui2" },
      },
    };
    expect(namesOf(reach(nested, ["packages/ui/icons/a.svg"]))).toEqual(["inner"]);
    expect(namesOf(reach(nested, ["packages/ui2/a.ts"]))).toEqual(["other"]);
    expect(namesOf(reach(nested, ["packages/ui/iconsets.ts"]))).toEqual(["outer"]);
  });

  test("by a file elsewhere that one of its tasks reads", () => {
    const reads = { lib: ["packages/lib/**", "schemas/*.graphql"] };
    expect(reach({ ...tree, reads }, ["schemas/a.graphql"])).toEqual([
      { name: "//", because: [{ kind: "file", path: "schemas/a.graphql" }] },
      { name: "app", because: [{ kind: "dependency", package: "lib" }] },
      { name: "lib", because: [{ kind: "input", path: "schemas/a.graphql", task: "build" }] },
    ]);
  });

  test("by a file that belongs to no package only if it is the root", () => {
    expect(namesOf(reach(tree, ["README.md", ".github/workflows/ci.yml"]))).toEqual(["//"]);
  });

  test("by a global file, like every other", () => {
    const changed = reach({ ...tree, globalFiles: ["tsconfig.*.json", "!tsconfig.docs.json"] }, [
      "tsconfig.base.json",
    ]);
    expect(namesOf(changed)).toEqual(["//", "app", "core", "lib"]);
    expect(changed[2]?.because).toContainEqual({ kind: "global", path: "tsconfig.base.json" });
    const excluded = reach({ ...tree, globalFiles: ["tsconfig.*.json", "!tsconfig.docs.json"] }, [
      "tsconfig.docs.json",
    ]);
    expect(namesOf(excluded)).toEqual(["//"]);
  });

  test("by the file that defines the tasks", () => {
    expect(namesOf(reach(tree, ["turbo.json"]))).toEqual(["//", "app", "core", "lib"]);
    expect(namesOf(reach({ ...tree, source: "nx" }, ["turbo.json"]))).toEqual(["//"]);
  });

  test("by nothing when nothing changed", () => {
    expect(reach(tree, [])).toEqual([]);
  });
});

describe("a changed lockfile affects", () => {
  const before = { "//": "0", core: "1", lib: "1", app: "1" };

  test("the packages whose part of it differs, and their dependents", () => {
    const workspace = { ...tree, closures: { ...before, lib: "2" } };
    expect(reach(workspace, ["pnpm-lock.yaml"], before)).toEqual([
      { name: "app", because: [{ kind: "dependency", package: "lib" }] },
      { name: "lib", because: [{ kind: "lockfile", path: "pnpm-lock.yaml" }] },
    ]);
  });

  test("every package when the root's part of it differs, since all find what is installed there", () => {
    const changed = reach({ ...tree, closures: { ...before, "//": "2" } }, ["pnpm-lock.yaml"], before);
    expect(namesOf(changed)).toEqual(["//", "app", "core", "lib"]);
    expect(changed[2]?.because[0]).toEqual({ kind: "root-dependencies", path: "pnpm-lock.yaml" });
  });

  test("a package that entered or left it", () => {
    const { app, ...without } = before;
    expect(app).toBe("1");
    expect(namesOf(reach({ ...tree, closures: before }, ["pnpm-lock.yaml"], without))).toEqual(["app"]);
  });

  test("nothing when only its text differs", () => {
    expect(reach({ ...tree, closures: before }, ["pnpm-lock.yaml"], before)).toEqual([]);
  });

  test("every package when one of its two states cannot be read", () => {
    expect(namesOf(reach({ ...tree, closures: before }, ["pnpm-lock.yaml"]))).toHaveLength(4);
    expect(namesOf(reach(tree, ["yarn.lock"]))).toHaveLength(4);
  });
});

test("of very many changed files only the first are listed, with the number of the others", () => {
  const files = Array.from({ length: 1000 }, (_, at) => `packages/app/${String(at).padStart(4, "0")}.ts`);
  const [app] = reach(tree, files);
  expect(app?.because).toHaveLength(11);
  expect(app?.because.at(-1)).toEqual({ kind: "more-files", count: 990 });
});

const tree: Sketch = {
  packages: {
    "//": { dir: "" },
    core: { dir: "packages/core" },
    lib: { dir: "packages/lib", needs: ["core"] },
    app: { dir: "packages/app", needs: ["lib"] },
  },
};

function reach(
  sketch: Sketch,
  files: WorkspaceChanges["files"],
  before?: Readonly<Record<string, string>>,
): Affected[] {
  return affected(sketched(sketch), { files, lockfileBefore: before ? lockfileOf(before) : null });
}

function namesOf(list: readonly Affected[]): string[] {
  return list.map(({ name }) => name);
}
