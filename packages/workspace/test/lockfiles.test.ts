import { readLockfile, readWorkspace, type LockfileView, type PackageManager } from "@slipway/workspace";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("fixtures/lockfiles", import.meta.url));

/** `b` needs `a`; `a` needs kind-of only to be developed. */
const manifests = {
  "package.json": { name: "root", private: true, devDependencies: { ms: "2.1.3" } },
  "packages/a/package.json": {
    name: "a",
    version: "1.0.0",
    dependencies: { "is-odd": "^3.0.1" },
    devDependencies: { "kind-of": "^6.0.0" },
  },
  "packages/b/package.json": {
    name: "b",
    version: "1.0.0",
    dependencies: { a: "^1.0.0", aliased: "npm:ms@2.0.0" },
    optionalDependencies: { isobject: "^3.0.0" },
  },
  "packages/c/package.json": {
    name: "c",
    version: "1.0.0",
    dependencies: { "is-number": "^7.0.0", "use-sync-external-store": "1.2.0", react: "18.2.0" },
  },
};

const managers: Readonly<Record<string, PackageManager["name"]>> = {
  pnpm9: "pnpm",
  pnpm6: "pnpm",
  npm3: "npm",
  npm2: "npm",
  yarn1: "yarn",
  berry: "yarn",
  bun: "bun",
};

/** What to change in the text, and whom it reaches. Beginnings of integrity strings; Berry has checksums of its own. */
const bumps: readonly (readonly [
  what: string,
  integrity: string,
  checksum: string,
  reaches: readonly string[],
])[] = [
  ["a dependency of a dependency", "Wu1VHeIL", "5da4c684", ["a", "b"]],
  ["another version of the same package", "41Cifkg6", "b4686d0d", ["c"]],
  ["a development dependency", "dcS1ul+9", "61cdff9623dabf", ["a"]],
  ["an optional dependency", "WhB9zCku", "03344f5064a82f", ["b"]],
  ["an aliased dependency", "Tpp60P6I", "f8fda810", ["b"]],
  ["a dependency of the root", "6FlzubTL", "d924b57e7312b3", ["root"]],
  ["the end of a chain of three", "RdJUflcE", "e248708d377aa0", ["c"]],
];

const formats = readdirSync(root).map((format) => {
  const [file = ""] = readdirSync(`${root}/${format}`);
  return { format, file, text: readFileSync(`${root}/${format}/${file}`, "utf8") };
});

function view(format: string, file: string, text: string): LockfileView {
  const files = new Map([
    ...Object.entries(manifests).map(([path, manifest]) => [path, JSON.stringify(manifest)] as const),
    [file, text] as const,
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const name = managers[format] ?? "npm";
  const lockfile = readLockfile({ files }, { manager: { name }, packages: read.value.packages });
  if (!lockfile) throw new Error("no lockfile");
  return lockfile;
}

function changed(before: LockfileView, after: LockfileView): readonly string[] {
  return Object.keys(before.closures).filter((name) => before.closures[name] !== after.closures[name]);
}

describe.for(formats)("the lockfile of $format", ({ format, file, text }) => {
  const before = view(format, file, text);

  test("gives a closure to every package", () => {
    expect(Object.keys(before.closures).toSorted()).toEqual(["a", "b", "c", "root"]);
    expect(new Set(Object.values(before.closures)).size).toBe(4);
  });

  test.for(bumps)(
    "tells of a bump of %s to those that reach it, and to no other",
    ([, integrity, checksum, reaches]) => {
      const needle = format === "berry" ? checksum : integrity;
      expect(text.split(needle).length, needle).toBeGreaterThan(1);
      const after = view(format, file, text.replaceAll(needle, `${needle.slice(0, -1)}Z`));
      expect(changed(before, after)).toEqual(reaches);
    },
  );
});
