import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import { tracingProblem } from "@slipway/host";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { manifest, Rig } from "./rig.ts";

const rigs: Rig[] = [];
afterEach(() => {
  for (const each of rigs.splice(0)) each.dispose();
});

const problem = tracingProblem(process.env);
const turbo = (build: object): string => JSON.stringify({ tasks: { build } });

async function audit(repo: Rig, path = process.env["PATH"]) {
  const env = { ...repo.env, PATH: path, SLIPWAY_CACHE_DIR: repo.cacheDir };
  const outside = testOutside({ cwd: repo.root, env });
  const exit = await dispatch(["run", "build", "--audit"], outside);
  return { exit, answer: outside.stdout(), said: outside.stderr() };
}

function sloppy(): Rig {
  const repo = new Rig({
    "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
    "turbo.json": turbo({ outputs: ["dist/**"] }),
    "shared.config": "shared",
    ".gitignore": "dist/\ncoverage/\n",
    "packages/a/package.json": manifest("a", {
      build: "mkdir -p dist coverage && cat src/a.txt ../../shared.config > dist/a && echo 1 > coverage/lcov",
    }),
    "packages/a/src/a.txt": "a",
  });
  rigs.push(repo);
  return repo;
}

test("outputs that a task does not declare are found without tracing, and why reads are not", async () => {
  const bin = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
  execFileSync("sh", [
    "-c",
    `for each in sh git cat mkdir node; do ln -s "$(command -v $each)" ${bin}/; done`,
  ]);
  const { exit, answer, said } = await audit(sloppy(), bin);
  expect(exit).toBe(1);
  expect(answer).toContain('add "outputs": ["dist/**", "coverage/**"] (turbo.json:1)');
  expect(answer).not.toContain("reads");
  expect(said).toContain("what tasks read is not audited: strace is not installed");
});

test("files that a task reads and does not count are named; when they are declared nothing is missing", async (context) => {
  if (problem !== null) context.skip(problem);
  const repo = sloppy();
  const first = await audit(repo);
  expect(first.exit).toBe(1);
  expect(first.answer).toContain("    shared.config\n");
  const inputs = ["$TURBO_DEFAULT$", "$TURBO_ROOT$/shared.config"];
  expect(first.answer).toContain(`add "inputs": ["${inputs.join('", "')}"] (turbo.json:1)`);
  repo.write({ "turbo.json": turbo({ inputs, outputs: ["dist/**", "coverage/**"] }) });
  const second = await audit(repo);
  expect(second.answer).toContain(
    "1 cached task audited by what they read and wrote in the workspace: nothing is missing",
  );
  expect(second.exit).toBe(0);
});

test("what a package without the script holds counts for those that need it, and a global file for all", async (context) => {
  if (problem !== null) context.skip(problem);
  const repo = new Rig({
    "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
    "turbo.json": JSON.stringify({
      globalDependencies: ["shared.config"],
      tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] } },
    }),
    "shared.config": "shared",
    "packages/lib/package.json": JSON.stringify({ name: "lib", version: "1.0.0" }),
    "packages/lib/src/index.ts": "lib",
    "packages/a/package.json": JSON.stringify({
      name: "a",
      dependencies: { lib: "*" },
      scripts: { build: "mkdir -p dist && cat ../lib/src/index.ts ../../shared.config > dist/a" },
    }),
  });
  rigs.push(repo);
  const { answer, exit } = await audit(repo);
  expect(answer).toContain(
    "1 cached task audited by what they read and wrote in the workspace: nothing is missing",
  );
  expect(exit).toBe(0);
});
