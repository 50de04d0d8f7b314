import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { scriptHabits } from "../../src/wire/script-habits.ts";

let home = "";
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Case {
  readonly title: string;
  readonly manager: readonly [name: "pnpm" | "npm" | "yarn", version: string | null];
  /** Relative to the user's home; the repository is `repo`. */
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly habits: Partial<ReturnType<typeof scriptHabits>>;
}

const inWorkspaceFile =
  "scriptShell: /bin/bash # here\nnodeOptions: '--no-warnings'\nenablePrePostScripts: false\n";
const inNpmrc = "script-shell=/bin/zsh\nnode-options=--old\nenable-pre-post-scripts=false\n";
const unset = { shell: null, nodeOptions: null, prePost: true };
const set = { shell: "/bin/bash", nodeOptions: "--no-warnings", prePost: false };

const cases: readonly Case[] = [
  {
    title: "pnpm 12 has them in its workspace file",
    manager: ["pnpm", "12.21.0"],
    files: { "repo/pnpm-workspace.yaml": inWorkspaceFile },
    habits: set,
  },
  {
    title: "pnpm 12 does not look into .npmrc",
    manager: ["pnpm", "12.21.0"],
    files: { "repo/.npmrc": inNpmrc },
    habits: unset,
  },
  {
    title: "pnpm 12 takes them from the user's config.yaml",
    manager: ["pnpm", "12.21.0"],
    files: { ".config/pnpm/config.yaml": 'scriptShell: "/bin/bash"\n' },
    habits: { ...unset, shell: "/bin/bash" },
  },
  {
    title: "pnpm 12 takes them from the environment",
    manager: ["pnpm", "12.21.0"],
    files: {},
    env: { pnpm_config_script_shell: "/bin/dash" },
    habits: { ...unset, shell: "/bin/dash" },
  },
  {
    title: "pnpm 10 has them in .npmrc too, and the workspace file wins",
    manager: ["pnpm", "10.15.0"],
    files: { "repo/.npmrc": inNpmrc, "repo/pnpm-workspace.yaml": "scriptShell: /bin/bash\n" },
    habits: { shell: "/bin/bash", nodeOptions: "--old", prePost: false },
  },
  {
    title: "pnpm 8 runs no pre and post scripts unless it is told to",
    manager: ["pnpm", "8.15.9"],
    files: {},
    habits: { ...unset, prePost: false },
  },
  {
    title: "pnpm 8 is told to",
    manager: ["pnpm", "8.15.9"],
    files: { "repo/.npmrc": "enable-pre-post-scripts=true\n" },
    habits: unset,
  },
  {
    title: "npm leaves out pre and post scripts where scripts are ignored",
    manager: ["npm", null],
    files: { ".npmrc": "ignore-scripts=true\n" },
    habits: { ...unset, prePost: false },
  },
  {
    title: "Yarn 4 with a .pnp.cjs runs every script itself, by its committed release",
    manager: ["yarn", "4.18.1"],
    files: { "repo/.pnp.cjs": "", "repo/.yarnrc.yml": "yarnPath: .yarn/releases/yarn.cjs\n" },
    habits: { ...unset, prePost: false, runner: "node 'HOME/repo/.yarn/releases/yarn.cjs' run" },
  },
];

test.each(cases)("$title", ({ manager: [name, version], files, env = {}, habits }) => {
  home = mkdtempSync(join(tmpdir(), "slipway-habits-"));
  for (const [path, text] of Object.entries({ "repo/package.json": "{}", ...files })) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const root = join(home, "repo");
  const manager = { name, version, berry: name === "yarn", because: "packageManager" } as const;
  const found = scriptHabits({ root, cwd: root, env: { HOME: home, PATH: "", ...env }, manager });
  const runner = found.runner?.replace(home, "HOME") ?? null;
  expect({ ...found, runner }).toMatchObject(habits);
});
