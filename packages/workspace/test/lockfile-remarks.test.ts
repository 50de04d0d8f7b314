import { readLockfile } from "@slipway/workspace";
import { expect, test } from "vitest";

test("an entry of pnpm's lockfile stays the same when it gets a deprecation notice or becomes the last one", () => {
  const plain = lockfile("");
  expect(lockfile("\n    deprecated: use something else")).toEqual(plain);
  expect(lockfile("\n    deprecated: |-\n      use\n\n      something else")).toEqual(plain);
  expect(lockfile("", "\n  z@1.0.0:\n    resolution: {integrity: sha512-z}\n", "\n  z@1.0.0: {}\n")).toEqual(
    plain,
  );
  expect(lockfile("\n    engines: {node: '>=20'}")).not.toEqual(plain);
});

function lockfile(remark: string, morePackages = "", moreSnapshots = "") {
  const text = `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0

packages:

  a@1.0.0:
    resolution: {integrity: sha512-a}${remark}
${morePackages}
snapshots:

  a@1.0.0: {}
${moreSnapshots}`;
  const root = {
    name: "root",
    dir: "",
    version: null,
    private: true,
    scripts: {},
    manifest: { dependencies: { a: "^1.0.0" } },
    edges: [],
    tags: [],
    aliases: [],
  };
  const files = new Map([["pnpm-lock.yaml", text]]);
  return readLockfile({ files }, { manager: { name: "pnpm" }, packages: [root] })?.closures;
}
