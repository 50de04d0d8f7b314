import { publishedManifest, type WorkspaceRanges } from "@slipway/registry";
import { expect, test } from "vitest";

const ranges: WorkspaceRanges = {
  versions: { "@acme/a": "1.2.3", b: "2.0.0-rc.1", kit: "0.4.0" },
  catalogs: { default: { react: "^18.2.0", mine: "workspace:^" }, old: { react: "^17.0.0" } },
  names: { "/repo/packages/b": "b", "/repo/packages/a": "@acme/a" },
};

function rewritten(kind: string, name: string, range: string): unknown {
  const manifest = { name: "kit", version: "0.4.0", [kind]: { [name]: range } };
  const result = publishedManifest({ manifest, ranges, style: "pnpm", dir: "/repo/packages/kit" });
  return (result[kind] as Record<string, unknown>)[name];
}

test.each([
  ["@acme/a", "workspace:*", "1.2.3"],
  ["@acme/a", "workspace:^", "^1.2.3"],
  ["@acme/a", "workspace:~", "~1.2.3"],
  ["@acme/a", "workspace:", "1.2.3"],
  ["@acme/a", "workspace:^1.0.0", "^1.0.0"],
  ["@acme/a", "workspace:>=1 <3", ">=1 <3"],
  ["b", "workspace:^", "^2.0.0-rc.1"],
  ["alias", "workspace:@acme/a@*", "npm:@acme/a@1.2.3"],
  ["alias", "workspace:@acme/a@^", "npm:@acme/a@^1.2.3"],
  ["alias", "workspace:b@~2.0.0", "npm:b@~2.0.0"],
  ["b", "workspace:../b", "2.0.0-rc.1"],
  ["alias", "workspace:../a", "npm:@acme/a@1.2.3"],
  ["react", "catalog:", "^18.2.0"],
  ["react", "catalog:default", "^18.2.0"],
  ["react", "catalog:old", "^17.0.0"],
  ["@luca/flag", "jsr:^1.0.0", "npm:@jsr/luca__flag@^1.0.0"],
  ["flag", "jsr:@luca/flag@2", "npm:@jsr/luca__flag@2"],
  ["react", "^18.0.0", "^18.0.0"],
  ["left", "npm:left-pad@^1.3.0", "npm:left-pad@^1.3.0"],
  ["local", "file:../local", "file:../local"],
])('a dependency "%s": "%s" is published as "%s"', (name, range, expected) => {
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"]) {
    expect(rewritten(kind, name, range)).toBe(expected);
  }
});

test.each([
  ["workspace:*", "1.2.3"],
  ["workspace:^", "^1.2.3"],
  ["workspace:>=", ">=1.2.3"],
  ["workspace:^1.0.0", "^1.0.0"],
  ["workspace:>=1.0.0", ">=1.0.0"],
  ["^0.9.0 || workspace:^", "^0.9.0 || ^1.2.3"],
  ["workspace:^ || workspace:>=3.0.0", "^1.2.3 || >=3.0.0"],
  [">=1", ">=1"],
])('a peer "%s" is published as "%s"', (range, expected) => {
  expect(rewritten("peerDependencies", "@acme/a", range)).toBe(expected);
});

test("all ranges that stand for nothing are named at once", () => {
  const manifest = {
    name: "kit",
    version: "1.0.0",
    dependencies: { nobody: "workspace:^", react: "catalog:new" },
    peerDependencies: { gone: "workspace:*" },
  };
  const attempt = () => publishedManifest({ manifest, ranges, style: "pnpm", dir: "/repo/packages/kit" });
  expect(attempt).toThrow(expect.objectContaining({ code: "pack/unresolved-range" }));
  try {
    attempt();
  } catch (error) {
    expect((error as { problems: { message: string }[] }).problems.map(({ message }) => message)).toEqual([
      'kit: "nobody": "workspace:^" in dependencies stands for nothing',
      'kit: "react": "catalog:new" in dependencies stands for nothing',
      'kit: "gone": "workspace:*" in peerDependencies stands for nothing',
    ]);
  }
});

const written = {
  name: "kit",
  version: "1.0.0+build.7",
  main: "src/index.ts",
  scripts: { prepack: "x", postinstall: "y", build: "z" },
  packageManager: "pnpm@12.0.0",
  pnpm: { overrides: {} },
  publishConfig: {
    access: "public",
    main: "dist/index.js",
    exports: { ".": "./dist/index.js" },
    tag: "next",
  },
};

test("in pnpm's style publishConfig goes into the manifest and what is pnpm's own goes", () => {
  expect(publishedManifest({ manifest: written, ranges, style: "pnpm", dir: "/repo" })).toEqual({
    name: "kit",
    version: "1.0.0",
    main: "dist/index.js",
    exports: { ".": "./dist/index.js" },
    scripts: { postinstall: "y", build: "z" },
    publishConfig: { access: "public", tag: "next" },
  });
});

test("in npm's style publishConfig goes into the manifest and scripts stay", () => {
  expect(publishedManifest({ manifest: written, ranges, style: "npm", dir: "/repo" })).toEqual({
    ...written,
    version: "1.0.0",
    main: "dist/index.js",
    exports: { ".": "./dist/index.js" },
    publishConfig: { access: "public", tag: "next" },
  });
});

test.each([
  { version: "1.0.0" },
  { name: "kit" },
  { name: "kit", version: "one" },
  { name: "", version: "1.0.0" },
])("a manifest without a name or a real version is refused: %j", (manifest) => {
  const attempt = () => publishedManifest({ manifest, ranges, style: "pnpm", dir: "/repo" });
  expect(attempt).toThrow(expect.objectContaining({ code: "workspace/bad-manifest" }));
});
