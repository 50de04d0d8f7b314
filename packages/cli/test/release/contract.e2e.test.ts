import { startVerdaccio, type EmbeddedRegistry } from "@slipway/registry";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
let registry: EmbeddedRegistry;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-contract-"));
  registry = await startVerdaccio({
    storage: join(folder, "registry"),
    uplink: null,
    config: "production",
  });
  seed(join(folder, "seed"));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `app` is built from `kit` as npm installs it: by a link, and without a lockfile. */
function seed(root: string): void {
  const write = (path: string, content: unknown): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  const common = {
    version: "1.0.0",
    license: "MIT",
    type: "module",
    exports: "./dist/index.js",
    files: ["dist"],
  };
  const build = (text: string): string =>
    `import { mkdirSync, writeFileSync } from "node:fs";\n${text}\nmkdirSync("dist", { recursive: true });\nwriteFileSync("dist/index.js", "export const word = " + JSON.stringify(word) + ";\\n");\n`;
  write("package.json", { name: "root", private: true, workspaces: ["packages/*"] });
  write(".gitignore", "node_modules\ndist\n");
  write(
    ".npmrc",
    `registry=${registry.url}\n${registry.url.replace("http:", "")}:_authToken=\${CONTRACT_TOKEN}\n`,
  );
  write("packages/kit/package.json", {
    name: "@contract/kit",
    ...common,
    scripts: { build: "node build.js" },
  });
  write("packages/kit/build.js", build('const word = process.env.CONTRACT_TOKEN || "no token";'));
  write("packages/app/package.json", {
    name: "@contract/app",
    ...common,
    scripts: { build: "node build.js", prepack: "echo packed > dist/packed.txt" },
    dependencies: { "@contract/kit": "^1.0.0" },
  });
  write("packages/app/build.js", build('import { word } from "@contract/kit";'));
  git(root, "init", "--quiet", "--initial-branch=main");
  git(root, "add", "--all");
  git(root, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "--message", "one");
  git(folder, "clone", "--quiet", "--bare", "seed", "origin.git");
  git(folder, "clone", "--quiet", "origin.git", "clone");
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8" });
}

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function slipway(...args: string[]): Promise<Ended> {
  const main = join(import.meta.dirname, "../../src/start.ts");
  const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
    cwd: join(folder, "clone"),
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      npm_config_userconfig: join(folder, "no-npmrc"),
      CONTRACT_TOKEN: "contract-token",
      CHANGESETS_OUTPUT: join(folder, "output.ndjson"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => (ended[name] += chunk.toString("utf8")));
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { ...ended, exit };
}

test("a clean checkout with registry and token in .npmrc is released to Verdaccio by one command, and then is done", async () => {
  const clone = join(folder, "clone");
  writeFileSync(join(clone, "stray.txt"), "");
  expect(await slipway("release", "--yes")).toMatchObject({ exit: 2, stdout: "" });
  rmSync(join(clone, "stray.txt"));
  const asked = await slipway("release");
  expect(asked.exit).toBe(2);
  expect(asked.stderr).toContain("@contract/kit");
  expect(asked.stderr).toContain("release/not-approved");
  expect(existsSync(join(clone, "node_modules")), "nothing is installed for a plan").toBe(false);

  const { exit, stdout, stderr } = await slipway("release", "--yes");
  expect(exit, stderr).toBe(0);
  // As changesets/action 1 reads them, from stdout.
  const lines = Array.from(
    stdout.matchAll(/^New tag:\s+(@[^/]+\/[^@]+|[^/]+)@([^\s]+)$/gm),
    ([, name]) => name,
  );
  expect(new Set(lines)).toEqual(new Set(["@contract/app", "@contract/kit"]));
  // As changesets/action 2 reads them, from the file.
  const events = readFileSync(join(folder, "output.ndjson"), "utf8").trim().split("\n");
  expect(events.map((line) => JSON.parse(line) as unknown)).toContainEqual({
    type: "git-tag",
    tag: "@contract/kit@1.0.0",
    packageName: "@contract/kit",
  });
  expect(git(clone, "status", "--porcelain")).toBe("");
  const tags = git(clone, "ls-remote", "--tags", "origin");
  for (const name of ["kit", "app"]) {
    expect(tags).toContain(`refs/tags/@contract/${name}@1.0.0^{}`);
    const served = (await (await fetch(`${registry.url}@contract%2f${name}`)).json()) as Record<
      string,
      unknown
    >;
    expect(served["dist-tags"]).toEqual({ latest: "1.0.0" });
  }
  const app = await fetch(`${registry.url}@contract/app/-/app-1.0.0.tgz`);
  writeFileSync(join(folder, "app.tgz"), Buffer.from(await app.arrayBuffer()));
  const packed = execFileSync("tar", [
    "-xzOf",
    join(folder, "app.tgz"),
    "package/dist/packed.txt",
    "package/dist/index.js",
  ]);
  // The build had no token, and the script before packing left nothing in the work tree.
  expect(packed.toString()).toBe('export const word = "no token";\npacked\n');
  expect(existsSync(join(clone, "packages/app/dist/packed.txt"))).toBe(false);

  const again = await slipway("release", "--yes", "--json");
  expect(again.exit).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual({
    type: "finished",
    released: [],
    parked: [],
    conflicts: [],
    state: "nothing",
    exit: 0,
  });
});
