import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateWorkspace } from "../../../../tools/bench/generate.ts";
import { dispatch } from "../../src/dispatch.ts";
import { lookForAffected } from "../../src/hot/look-for-affected.ts";
import { testOutside, type TestOutside } from "../outside.ts";

const base = mkdtempSync(join(tmpdir(), "slipway-affected-early-"));
const dir = join(base, "workspace");
afterAll(() => rmSync(base, { recursive: true, force: true }));

beforeAll(() => generateWorkspace({ dir, packageCount: 6, seed: 1 }));

interface Asked {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const usual: Asked = { words: ["affected", "--base", "HEAD", "--json"], env: {} };

function outsideHere(env: Asked["env"]): TestOutside {
  const { PATH = "" } = process.env;
  return testOutside({ cwd: dir, env: { PATH, HOME: base, ...env } });
}

/** The whole way: the workspace is read. */
async function truth({ words, env }: Asked = usual): Promise<string> {
  // What was touched within a tick of the clock is not trusted, so nothing would be kept.
  await setTimeout(30);
  const outside = outsideHere(env);
  expect(await dispatch(words, outside)).toBe(0);
  return outside.stdout();
}

/** What is answered from what was kept; null when it was not. */
async function early({ words, env }: Asked = usual): Promise<string | null> {
  const outside = outsideHere(env);
  const look = await lookForAffected(words, outside);
  return look === null ? null : outside.stdout();
}

const at = (path: string): string => join(dir, path);
const first = "packages/pkg-0000";

function commitAll(): void {
  const settings = ["user.name=t", "user.email=t@example.invalid", "commit.gpgsign=false"];
  spawnSync("git", ["add", "-A"], { cwd: dir });
  const argv = [...settings.flatMap((each) => ["-c", each]), "commit", "-qm", "All"];
  expect(spawnSync("git", argv, { cwd: dir }).status).toBe(0);
}

interface Step {
  readonly what: string;
  readonly act: () => void;
  readonly known: boolean;
}

const steps: readonly Step[] = [
  { what: "nothing", act: () => {}, known: true },
  {
    what: "a source changes",
    act: () => appendFileSync(at(`${first}/src/file-0.ts`), "// more\n"),
    known: true,
  },
  { what: "a source comes", act: () => writeFileSync(at(`${first}/src/new.ts`), ""), known: true },
  {
    what: "outputs come",
    act: () => {
      mkdirSync(at(`${first}/dist`), { recursive: true });
      writeFileSync(at(`${first}/dist/package.json`), "{}");
    },
    known: true,
  },
  {
    what: "a manifest changes",
    act: () => {
      const file = at("packages/pkg-0005/package.json");
      const manifest = JSON.parse(readFileSync(file, "utf8")) as { dependencies?: object };
      writeFileSync(file, JSON.stringify({ ...manifest, dependencies: { "pkg-0000": "workspace:*" } }));
    },
    known: false,
  },
  { what: "the same again", act: () => {}, known: true },
  {
    what: "a package comes",
    act: () => {
      cpSync(at(first), at("packages/copy"), { recursive: true });
      writeFileSync(at("packages/copy/package.json"), '{ "name": "copy", "scripts": { "build": "true" } }');
    },
    known: false,
  },
  { what: "that package goes", act: () => rmSync(at("packages/copy"), { recursive: true }), known: false },
  {
    what: "a package gets a configuration of its own",
    act: () =>
      writeFileSync(
        at(`${first}/turbo.json`),
        '{ "extends": ["//"], "tasks": { "build": { "inputs": ["$TURBO_ROOT$/tools/**"] } } }',
      ),
    known: false,
  },
  {
    what: "a package comes that git ignores",
    act: () => {
      appendFileSync(at(".git/info/exclude"), "packages/hidden\n");
      mkdirSync(at("packages/hidden"));
      writeFileSync(
        at("packages/hidden/package.json"),
        '{ "name": "hidden", "dependencies": { "pkg-0000": "workspace:*" } }',
      );
    },
    known: false,
  },
  {
    what: "the lockfile changes",
    act: () => appendFileSync(at("pnpm-lock.yaml"), "\n# new\n"),
    known: false,
  },
  { what: "the lockfile differs still", act: () => {}, known: false },
  {
    what: "all is committed",
    act: () => {
      commitAll();
    },
    known: false,
  },
  {
    what: "a tool changes that one reads",
    act: () => appendFileSync(at("tools/build.sh"), "# more\n"),
    known: true,
  },
];

test("what a change reaches is known without reading the workspace, and is what reading it says", async () => {
  await truth();
  for (const { what, act, known } of steps) {
    act();
    const answer = await early();
    const right = await truth();
    expect(answer !== null, what).toBe(known);
    if (answer !== null) expect(answer, what).toBe(right);
  }
  expect(statSync(at(".git/slipway/views")).isDirectory()).toBe(true);
});

test.each([
  { what: "empty variables name no base", env: { NX_BASE: "", TURBO_SCM_BASE: "" } },
  { what: "an empty variable leaves it to the other", env: { NX_BASE: "", TURBO_SCM_BASE: "HEAD" } },
])("$what", async ({ env }) => {
  mkdirSync(at(".changeset"), { recursive: true });
  writeFileSync(at(".changeset/config.json"), '{ "baseBranch": "trunk" }');
  appendFileSync(at(`${first}/src/file-0.ts`), "// and more\n");
  commitAll();
  spawnSync("git", ["branch", "--force", "trunk", "HEAD"], { cwd: dir });
  appendFileSync(at(`${first}/src/file-0.ts`), "// and more\n");
  commitAll();
  const asked = { words: ["affected", "--json"], env };
  const right = await truth(asked);
  expect(right).toContain(env.TURBO_SCM_BASE === "" ? '"trunk"' : '"TURBO_SCM_BASE"');
  expect(await early(asked)).toBe(right);
});
