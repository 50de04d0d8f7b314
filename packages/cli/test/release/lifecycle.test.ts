import { readTarball } from "@slipway/registry";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealPackages } from "../../src/journeys/seal-packages.ts";
import { loadWorkspace } from "../../src/wire/load-workspace.ts";

let folder = "";
let root = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-lifecycle-"));
  root = join(folder, "repository");
  write("package.json", { name: "root", private: true, workspaces: ["packages/*"] });
  write(".gitignore", "dist\nnode_modules\n");
  write("packages/kit/package.json", {
    name: "kit",
    version: "1.0.0",
    files: ["dist", "LICENSE", "made.txt"],
    scripts: {
      prepack:
        "cp ../../LICENSE . && echo made > made.txt && echo packed >> README.md && cat node_modules/dep/word >> made.txt",
      prepublishOnly: 'git rev-parse HEAD > commit.txt && test -f dist/index.js && echo "{}" > ../other.json',
      postpack: "rm made.txt README.md",
    },
  });
  write("packages/kit/README.md", "# kit\n");
  write("LICENSE", "MIT\n");
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "--message", "one");
  write("packages/kit/dist/index.js", "built\n");
  write("installed/dep/word", "installed\n");
  symlinkSync(join(root, "installed"), join(root, "packages/kit/node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: unknown): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" });
}

test("what lifecycle scripts write is packed, and the work tree never sees it", async () => {
  const before = git("status", "--porcelain", "--ignored");
  const ran: string[] = [];
  const to = join(folder, "sealed");
  mkdirSync(to);
  const [sealed] = await sealPackages({
    root,
    workspace: loadWorkspace(root).workspace,
    names: ["kit"],
    to,
    env: process.env,
    runScripts: (copy, plan) => {
      for (const { dir, command, task } of plan.tasks) {
        execFileSync("sh", ["-c", command ?? ""], { cwd: join(copy, dir) });
        ran.push(task);
      }
      return Promise.resolve(true);
    },
  });
  expect(ran).toEqual(["prepublishOnly", "prepack", "postpack"]);
  const files = new Map(
    readTarball(readFileSync(sealed?.path ?? "")).map(({ path, bytes }) => [
      path,
      Buffer.from(bytes).toString(),
    ]),
  );
  expect(Object.fromEntries(files)).toMatchObject({
    "README.md": "# kit\npacked\n",
    LICENSE: "MIT\n",
    "dist/index.js": "built\n",
    "made.txt": "made\ninstalled\n",
  });
  expect(git("status", "--porcelain", "--ignored")).toBe(before);
  expect(readFileSync(join(root, "packages/kit/README.md"), "utf8")).toBe("# kit\n");
});
