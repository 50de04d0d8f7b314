import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { Rig } from "./rig.ts";

let repo: Rig;
afterEach(() => repo.dispose());

async function runBuild(): Promise<Readonly<Record<string, string>>> {
  const outside = testOutside({ cwd: repo.root, env: repo.env });
  const exit = await dispatch(["run", "build", "--json"], outside);
  expect([exit, outside.stderr()]).toEqual([0, ""]);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; id: string; cache: string; code: string });
  const told = events.flatMap(({ type, id, cache, code }) =>
    type === "task" ? [[id, cache]] : type === "notice" ? [[code, id]] : [],
  );
  return Object.fromEntries(told) as Record<string, string>;
}

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  before?(this: void): void;
  edit(this: void): void;
  /** `packages/a/dist/all.txt` after the edit. */
  readonly made: string;
}

const root = {
  "package.json": JSON.stringify({ name: "root", private: true, packageManager: "pnpm@10.0.0" }),
  "pnpm-workspace.yaml": "packages:\n  - packages/**\n",
  "pnpm-lock.yaml": "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n",
  "turbo.json": JSON.stringify({ tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] } } }),
};

function packageA(script: string, more: object = {}): Record<string, string> {
  return packageBuiltBy(`mkdir -p dist && ${script} > dist/all.txt`, more);
}

function packageBuiltBy(build: string, more: object = {}): Record<string, string> {
  return { "packages/a/package.json": JSON.stringify({ name: "a", scripts: { build }, ...more }) };
}

function link(target: string, path: string): void {
  mkdirSync(join(repo.root, path, ".."), { recursive: true });
  symlinkSync(target, join(repo.root, path));
  repo.commit();
}

/** A repository of its own in a directory. */
function repositoryAt(dir: string): void {
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", ...args], {
      cwd: dir,
      env: repo.env,
    });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-q", "-m", "state");
}

const home = (name: string): string => join(repo.root, "..", name);

const cases: readonly Case[] = [
  {
    title: "a file of another package behind a link",
    files: { ...packageA("cat src/link.txt"), "shared/x.txt": "1" },
    before: () => link("../../../shared/x.txt", "packages/a/src/link.txt"),
    edit: () => repo.write({ "shared/x.txt": "2" }),
    made: "2",
  },
  {
    title: "a file outside of the repository behind two links",
    files: packageA("cat src/link.txt"),
    before() {
      writeFileSync(home("x.txt"), "1");
      link(home("x.txt"), "between.txt");
      link("../../../between.txt", "packages/a/src/link.txt");
    },
    edit: () => writeFileSync(home("x.txt"), "2"),
    made: "2",
  },
  {
    title: "a file that comes to a directory behind a link",
    files: { ...packageA("cat src/dir/*"), "shared/x.txt": "1" },
    before: () => link("../../../shared", "packages/a/src/dir"),
    edit: () => repo.write({ "shared/y.txt": "2" }),
    made: "12",
  },
  {
    title: "a file of a repository within the repository",
    files: { ...packageA("cat src/inner/x.txt"), "packages/a/src/one.txt": "" },
    before() {
      repo.write({ "packages/a/src/inner/x.txt": "1" });
      repositoryAt(join(repo.root, "packages/a/src/inner"));
    },
    edit: () => repo.write({ "packages/a/src/inner/x.txt": "2" }),
    made: "2",
  },
  {
    title: "a file of a submodule that nobody has committed",
    files: { ".gitignore": "", ...root },
    before() {
      mkdirSync(home("sub"));
      for (const [path, text] of Object.entries(packageA("cat x.txt")))
        writeFileSync(join(home("sub"), path.slice("packages/a/".length)), text);
      writeFileSync(join(home("sub"), "x.txt"), "1");
      writeFileSync(join(home("sub"), ".gitignore"), "dist/\n");
      repositoryAt(home("sub"));
      repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", home("sub"), "packages/a");
      repo.commit();
    },
    edit: () => repo.write({ "packages/a/x.txt": "2" }),
    made: "2",
  },
  {
    title: "a package that is a repository of its own, and that the one around ignores",
    files: { ".gitignore": "packages/a/\n", ...root },
    before() {
      repo.write({ ...packageA("cat x.txt"), "packages/a/x.txt": "1", "packages/a/.gitignore": "dist/\n" });
      repositoryAt(join(repo.root, "packages/a"));
    },
    edit: () => repo.write({ "packages/a/x.txt": "2" }),
    made: "2",
  },
  {
    title: "a file that core.excludesFile, named in an included file, ignores no more",
    files: { ...packageA("cat src/*"), "packages/a/src/one.txt": "1" },
    before() {
      writeFileSync(home("excludes"), "two.txt\n");
      writeFileSync(home("included"), `[core]\nexcludesFile = ${home("excludes")}\n`);
      writeFileSync(home(".gitconfig"), `[include]\npath = ${home("included")}\n`);
      repo.write({ "packages/a/src/two.txt": "2" });
    },
    edit() {
      writeFileSync(home("excludes"), "");
      repo.write({ "packages/a/src/two.txt": "3" });
    },
    made: "13",
  },
  {
    title: "a file that a .gitignore, itself ignored and now gone, ignores no more",
    files: { ...packageA("cat src/*"), "packages/a/src/one.txt": "1" },
    before: () =>
      repo.write({ "packages/.gitignore": "two.txt\n.gitignore\n", "packages/a/src/two.txt": "2" }),
    edit() {
      rmSync(join(repo.root, "packages/.gitignore"));
      repo.write({ "packages/a/src/two.txt": "3" });
    },
    made: "13",
  },
  {
    title: "the sources of a dependency that has no build",
    files: {
      ...packageA("cat ../b/x.txt", { dependencies: { b: "workspace:*" } }),
      "packages/b/package.json": JSON.stringify({ name: "b", version: "1.0.0" }),
      "packages/b/x.txt": "1",
    },
    edit: () => repo.write({ "packages/b/x.txt": "2" }),
    made: "2",
  },
  {
    title: "outputs where a file now stands in the way of their directory",
    files: packageBuiltBy("rm -rf dist && mkdir dist && echo 1 > dist/all.txt"),
    edit() {
      rmSync(join(repo.root, "packages/a/dist"), { recursive: true });
      repo.write({ "packages/a/dist": "" });
    },
    made: "1\n",
  },
  {
    title: "a dotenv file that git ignores, where nothing but scripts says what tasks are",
    files: { ".gitignore": "dist/\n.env*\n", ...packageA("cat .env.local", { main: "dist/all.txt" }) },
    before() {
      repo.remove("turbo.json");
      repo.write({ "packages/a/.env.local": "1" });
    },
    edit: () => repo.write({ "packages/a/.env.local": "2" }),
    made: "2",
  },
  {
    title: "a file of a name that is no UTF-8",
    files: packageA("cat s*"),
    before: () => writeFileSync(strangeName(), "1"),
    edit: () => writeFileSync(strangeName(), "2"),
    made: "2",
  },
  {
    title: "a package in which a file of such a name came",
    files: { ...packageA("cat s*"), "packages/a/s.txt": "1" },
    edit: () => writeFileSync(strangeName(), "2"),
    made: "12",
  },
  {
    title: "a package that needs one with such a file",
    files: {
      ...packageA("cat ../b/dist/b.txt", { dependencies: { b: "workspace:*" } }),
      "packages/b/package.json": JSON.stringify({
        name: "b",
        version: "1.0.0",
        scripts: { build: "mkdir -p dist && cat s* > dist/b.txt" },
      }),
    },
    before: () => writeFileSync(strangeName("b"), "1"),
    edit: () => writeFileSync(strangeName("b"), "2"),
    made: "2",
  },
  {
    title: "a package of which git ignores everything",
    files: { ".gitignore": "packages/\n", ...root },
    before: () => repo.write({ ...packageA("cat x.txt"), "packages/a/x.txt": "1" }),
    edit: () => repo.write({ "packages/a/x.txt": "2" }),
    made: "2",
  },
];

function strangeName(directory = "a"): Buffer {
  return Buffer.concat([Buffer.from(join(repo.root, `packages/${directory}/s`)), Buffer.from([0xff])]);
}

describe("no run takes for unchanged", () => {
  test.each(cases)("$title", async ({ files, before, edit, made }) => {
    repo = new Rig({ ...root, ...files });
    before?.();
    await runBuild();
    await new Promise((resolve) => setTimeout(resolve, 15));
    await runBuild();
    edit();
    await runBuild();
    expect(repo.read("packages/a/dist/all.txt")).toBe(made);
  });
});

test("a package in a directory that is named like a pattern is a package like any other", async () => {
  repo = new Rig(root);
  const files = Object.entries({ ...packageA("cat x.txt"), "packages/a/x.txt": "1" });
  const moved = (text: string): Record<string, string> =>
    Object.fromEntries(
      files.map(([path, old]) => [
        path.replace("packages/a", "packages/(group)/a[b]"),
        old === "1" ? text : old,
      ]),
    );
  repo.write(moved("1"));
  await runBuild();
  repo.write(moved("2"));
  expect(await runBuild()).toEqual({ "a#build": "miss" });
  expect(await runBuild()).toEqual({ "a#build": "hit" });
});

test("what is behind a link to something built is no input: what makes it is", async () => {
  repo = new Rig({ ...root, ...packageA("echo 1") });
  link("dist/all.txt", "packages/a/bin.txt");
  expect(await runBuild()).toEqual({ "a#build": "miss" });
  expect(await runBuild()).toEqual({ "a#build": "hit" });
});

test("a task whose inputs cannot be known runs each time, and says why", async () => {
  repo = new Rig({ ".gitignore": "packages/\n", ...root });
  repo.write({ ...packageA("cat x.txt"), "packages/a/x.txt": "1" });
  expect(await runBuild()).toEqual({ "a#build": "miss", "inputs/unknown": "a#build" });
  expect(await runBuild()).toEqual({ "a#build": "miss", "inputs/unknown": "a#build" });
});
