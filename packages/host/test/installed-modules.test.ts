import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { outOfStep } from "../src/index.ts";

let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "installed modules-"))));
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const pnpm = (version: string, range = "^1.0.0", more = "") => `lockfileVersion: '9.0'

importers:

  .: {}

  packages/a:
    dependencies:
      one:
        specifier: ${range}
        version: ${version}
${more}
packages:

  one@1.0.0:
    resolution: {integrity: sha512-a==}

  '@s/two@2.0.0(one@1.0.0)':
    resolution: {integrity: sha512-b==}
`;

const npm = (version: string) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "packages/a": { version: "1.0.0" },
      "node_modules/a": { link: true },
      "node_modules/one": { version },
    },
  });

const yarn = (version: string) => `# yarn lockfile v1


one@^1.0.0, "one@>=1 <2":
  version "${version}"
  resolved "https://r.example/one-${version}.tgz#abc"
`;
const integrity = (version: string) =>
  JSON.stringify({ lockfileEntries: { "one@>=1 <2": `https://r.example/one-${version}.tgz#abc` } });

const berry = (version: string) =>
  `__metadata:\n  version: 8\n\n"one@npm:^1.0.0":\n  version: ${version}\n  resolution: "one@npm:${version}"\n`;
const state = (version: string) =>
  `__metadata:\n  version: 1\n\n"a@workspace:a":\n  locations:\n    - "node_modules/a"\n\n"one@virtual:0f#npm:${version}":\n  locations:\n    - "node_modules/one"\n`;

describe.each([
  {
    manager: "pnpm",
    lockfile: "pnpm-lock.yaml",
    lock: pnpm,
    mark: "node_modules/.pnpm/lock.yaml",
    made: pnpm,
  },
  {
    manager: "npm",
    lockfile: "package-lock.json",
    lock: npm,
    mark: "node_modules/.package-lock.json",
    made: npm,
  },
  {
    manager: "yarn",
    lockfile: "yarn.lock",
    lock: yarn,
    mark: "node_modules/.yarn-integrity",
    made: integrity,
  },
  { manager: "yarn", lockfile: "yarn.lock", lock: berry, mark: "node_modules/.yarn-state.yml", made: state },
])("$manager: $lockfile with $mark", ({ manager, lockfile, lock, mark, made }) => {
  test("is in step with what was installed from it, and out of step after it changed", () => {
    write({ [lockfile]: lock("1.0.0"), [mark]: made("1.0.0") });
    expect(outOfStep(root, manager)).toBeNull();
    write({ [lockfile]: lock("1.1.0") });
    expect(outOfStep(root, manager)).toMatchObject({ lockfile });
  });

  test("says nothing where nothing is installed", () => {
    write({ [lockfile]: lock("1.0.0") });
    expect(outOfStep(root, manager)).toBeNull();
  });
});

test("pnpm: other ranges for the same versions, and what an install left out, are no difference", () => {
  const more =
    "\n  packages/b:\n    dependencies:\n      three:\n        specifier: 3.0.0\n        version: 3.0.0\n";
  write({
    "pnpm-lock.yaml": `${pnpm("1.0.0", "~1.0.0", more)}\n  three@3.0.0:\n    resolution: {integrity: sha512-c==}\n`,
    "node_modules/.pnpm/lock.yaml": pnpm("1.0.0"),
  });
  expect(outOfStep(root, "pnpm")).toBeNull();
  write({ "node_modules/.pnpm/lock.yaml": pnpm("1.0.0", "~1.0.0").replace("two@2.0.0", "two@2.0.1") });
  expect(outOfStep(root, "pnpm")?.difference).toBe(
    "node_modules has @s/two@2.0.1(one@1.0.0), which the lockfile lacks",
  );
});
