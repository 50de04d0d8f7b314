import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { editLockfile, type ManifestChange } from "../../../src/index.ts";

/** What pnpm 12.21, npm 11.19, Yarn 4.9 and bun 1.2 wrote for one workspace before and after the changes below. */
const managers = [
  ["pnpm", "pnpm-lock.yaml"],
  ["npm", "package-lock.json"],
  ["yarn", "yarn.lock"],
  ["bun", "bun.lock"],
] as const;

const dirs = new Map([
  ["@s/a", "packages/a"],
  ["b", "packages/b"],
  ["c", "packages/c"],
  ["d", "packages/d"],
]);

describe("a lockfile is edited to the bytes that the package manager itself would write:", () => {
  test.each(managers)("%s", (manager, path) => {
    const edited = editLockfile(path, textOf(`${manager}.before`), {
      manifests: changesFor(manager !== "npm"),
      catalogs: [],
      dirs,
    });
    expect(edited).toEqual({ text: textOf(`${manager}.after`), unresolved: [] });
  });

  test.each(managers)("%s: nothing to change leaves every byte", (manager, path) => {
    const before = textOf(`${manager}.before`);
    expect(editLockfile(path, before, { manifests: [], catalogs: [], dirs })).toEqual({
      text: before,
      unresolved: [],
    });
  });
});

test("a dependency that the lockfile takes from a registry is named, since it would have to be resolved", () => {
  const before = textOf("pnpm.before").replace("version: link:packages/a", "version: 1.0.0");
  const { unresolved } = editLockfile("pnpm-lock.yaml", before, {
    manifests: changesFor(true),
    catalogs: [],
    dirs,
  });
  expect(unresolved).toEqual(["@s/a in ."]);
});

test("pnpm keeps a catalog's range twice where it is linked to the workspace", () => {
  const text =
    "settings:\n  autoInstallPeers: true\n\ncatalogs:\n  default:\n    a:\n      specifier: ^1.0.0\n      version: ^1.0.0\n\nimporters:\n\n  .: {}\n";
  const catalogs = [{ catalog: "default", package: "a", from: "^1.0.0", value: "^2.0.0" }];
  const edited = editLockfile("pnpm-lock.yaml", text, { manifests: [], catalogs, dirs });
  expect(edited.text).toBe(text.replaceAll("^1.0.0", "^2.0.0"));
});

test("the lockfile of Yarn Classic holds no package of the workspace, so it stays as it is", () => {
  const text = '# yarn lockfile v1\n\n\nleft-pad@^1.0.0:\n  version "1.3.0"\n';
  expect(editLockfile("yarn.lock", text, { manifests: changesFor(true), catalogs: [], dirs }).text).toBe(
    text,
  );
});

/** npm knows no `workspace:` ranges, so there they are plain. */
function changesFor(workspaceRanges: boolean): readonly ManifestChange[] {
  const a = ["^1.0.0", "^2.0.0"] as const;
  return [
    { package: "root", dir: "", changes: [range("devDependencies", "@s/a", a)] },
    { package: "@s/a", dir: "packages/a", changes: [version("1.0.0", "2.0.0")] },
    {
      package: "b",
      dir: "packages/b",
      changes: [version("1.0.0", "1.0.1"), range("dependencies", "@s/a", a)],
    },
    {
      package: "c",
      dir: "packages/c",
      changes: [
        version("1.0.0", "1.1.0"),
        ...(workspaceRanges ? [] : [range("dependencies", "@s/a", a)]),
        range("devDependencies", "b", ["~1.0.0", "~1.0.1"]),
      ],
    },
    {
      package: "d",
      dir: "packages/d",
      changes: [
        version("1.0.0", "1.0.1"),
        range("peerDependencies", "@s/a", [">=1.0.0", ">=2.0.0"]),
        range("devDependencies", "@s/a", workspaceRanges ? ["workspace:^1.0.0", "workspace:^2.0.0"] : a),
        range("optionalDependencies", "c", ["1.0.0", "1.1.0"]),
      ],
    },
  ];
}

function version(from: string, value: string) {
  return { keys: ["version"], from, value };
}

function range(field: string, name: string, [from, value]: readonly [string, string]) {
  return { keys: [field, name], from, value };
}

function textOf(name: string): string {
  return readFileSync(join(import.meta.dirname, "cases", `${name}.txt`), "utf8");
}
