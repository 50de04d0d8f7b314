import { packageCycles, readWorkspace } from "@slipway/workspace";
import { expect, test } from "vitest";

function packagesOf(manifests: Readonly<Record<string, unknown>>) {
  const files = new Map(
    Object.entries(manifests).map(([name, manifest]) => [
      `${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", ...(manifest as object) }),
    ]),
  );
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.packages;
}

test("a cycle is a value with its path and the edges that close it", () => {
  const packages = packagesOf({
    a: { dependencies: { b: "^1.0.0" } },
    b: { dependencies: { c: "*" } },
    c: { peerDependencies: { a: "workspace:*" } },
    d: { dependencies: { a: "*" } },
  });
  expect(packageCycles(packages)).toEqual([
    {
      path: ["a", "b", "c", "a"],
      edges: [
        { to: "b", kind: "dependencies", range: "^1.0.0", via: "range" },
        { to: "c", kind: "dependencies", range: "*", via: "range" },
        { to: "a", kind: "peerDependencies", range: "workspace:*", via: "workspace" },
      ],
      onlyInDevelopment: false,
    },
  ]);
});

test("a cycle through development dependencies alone is told apart", () => {
  const packages = packagesOf({ a: { dependencies: { b: "*" } }, b: { devDependencies: { a: "*" } } });
  expect(packageCycles(packages)).toMatchObject([{ path: ["a", "b", "a"], onlyInDevelopment: true }]);
});

test("two knots are named once each, and a range that the local version is not in closes none", () => {
  const packages = packagesOf({
    a: { dependencies: { b: "*" } },
    b: { dependencies: { a: "*" } },
    c: { dependencies: { d: "*" } },
    d: { dependencies: { c: "^2.0.0" } },
    e: { dependencies: { f: "*" } },
    f: { dependencies: { e: "*" } },
  });
  expect(packageCycles(packages).map(({ path }) => path)).toEqual([
    ["a", "b", "a"],
    ["e", "f", "e"],
  ]);
});
