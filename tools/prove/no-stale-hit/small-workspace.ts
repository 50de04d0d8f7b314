import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cleanBuild, outputsIn, type Made } from "./clean-build.ts";
import { collectScript, packageNames, packageScript, type ManifestModel } from "./scripts.ts";

/** A workspace of four packages on disk whose builds depend on all that a fingerprint has to know. */
export class SmallWorkspace {
  readonly base: string;
  readonly root: string;
  /** Variables that the next run has beside the usual ones. */
  readonly variables = new Map([["MODE", "one"]]);
  /** Files that the harness itself has put among outputs. */
  readonly strays = new Set<string>();
  /** Outputs whose mode the harness has changed: a script that writes into such a file keeps its mode, with or without a cache. */
  readonly chmodded = new Set<string>();
  /** What the next run comes after: a run in another work tree with the same store, or one at the same time. */
  next: "run" | "other-tree" | "two-at-once" = "run";
  readonly #clean = new Map<string, Made | null>();

  constructor() {
    this.base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-stale-")));
    this.root = join(this.base, "repo");
    this.write(
      "package.json",
      JSON.stringify({ name: "root", private: true, packageManager: "pnpm@10.0.0" }),
    );
    this.write("pnpm-workspace.yaml", "packages:\n  - packages/*\n");
    this.write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n");
    this.write(".gitignore", "dist/\ngen/\nnode_modules/\n*.log\n.env*\n.skips\n");
    this.write("shared.txt", "shared 1");
    this.write("collect.sh", collectScript);
    this.writeTurbo(true);
    for (const [at, name] of packageNames.entries()) {
      const needs = at === 0 ? [] : [packageNames[at - 1] ?? "a"];
      this.writeManifest(name, { needs, version: 1, cleans: at % 2 === 0 });
      this.write(`packages/${name}/src/one.txt`, `${name} one`);
      this.write(`packages/${name}/src/two.txt`, `${name} two`);
    }
    this.git("init", "-q", "-b", "main");
    this.commit();
  }

  get env(): Record<string, string> {
    const { PATH = "" } = process.env;
    const own = { PATH, HOME: this.base, XDG_CACHE_HOME: join(this.base, "cache") };
    return { ...own, ...Object.fromEntries(this.variables) };
  }

  dispose(): void {
    rmSync(this.base, { recursive: true, force: true });
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  writeTurbo(withMode: boolean): void {
    const build = {
      dependsOn: ["^build"],
      inputs: ["$TURBO_DEFAULT$", ".env*"],
      outputs: ["dist/**", "made/**"],
      env: ["APP_*", "!APP_UNHEEDED", ...(withMode ? ["MODE"] : [])],
    };
    // It writes into the folder of another package.
    const last = { ...build, outputs: [...build.outputs, "../a/gen/**"] };
    const tasks = { build, "d#build": last };
    const globalDependencies = ["shared.txt", "collect.sh", ".env.local"];
    // Only counted variables reach a task in strict mode, so a script cannot read what does not count.
    this.write("turbo.json", JSON.stringify({ globalDependencies, tasks }));
  }

  writeManifest(name: string, model: ManifestModel): void {
    const dependencies = Object.fromEntries(model.needs.map((need) => [need, "workspace:*"]));
    const scripts = { build: packageScript(name, model) };
    const text = JSON.stringify({ name, version: "1.0.0", scripts, dependencies });
    this.write(`packages/${name}/package.json`, text);
  }

  /** Whether a package's script makes its directory anew: only then it can do with whatever stands there. */
  cleans(name: string): boolean {
    return this.script(name).startsWith("rm -rf dist");
  }

  script(name: string): string {
    const text = readFileSync(this.path(`packages/${name}/package.json`), "utf8");
    return (JSON.parse(text) as { scripts: { build: string } }).scripts.build;
  }

  git(...args: string[]): string {
    return this.gitIn("", args);
  }

  gitIn(dir: string, args: readonly string[]): string {
    const identity = ["user.name=t", "user.email=t@example.invalid", "commit.gpgsign=false"];
    const settings = identity.flatMap((each) => ["-c", each]);
    const cwd = this.path(dir);
    return execFileSync("git", [...settings, ...args], {
      cwd,
      env: this.env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  }

  commit(): void {
    this.git("add", "-A");
    this.git("commit", "-q", "--allow-empty", "-m", "state");
  }

  /**
   * What a build without any cache makes of the files that count, in a directory where nothing else is; null when it
   * fails. The same bytes, modes and variables make the same.
   */
  cleanBuild(): Made | null {
    return cleanBuild(this, this.#clean);
  }

  /** Tells the scripts which files they may not read, because git ignores them. */
  noteIgnored(): void {
    const where = ["packages/*/src/*", "packages/*/src/*/*"];
    const ask = (dir: string, paths: readonly string[]): string[] =>
      this.gitIn(dir, ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", ...paths])
        .split("\0")
        .filter(Boolean)
        .map((path) => (dir === "" ? path : `${dir}/${path}`));
    const nested = this.nested().flatMap((dir) => ask(dir, ["."]));
    writeFileSync(this.path(".skips"), `|${[...ask("", where), ...nested].join("|")}|`);
  }

  /** Repositories within the repository. */
  nested(): string[] {
    const dirs = packageNames.map((name) => `packages/${name}/src/inner`);
    return dirs.filter((dir) => existsSync(this.path(`${dir}/.git`)));
  }

  /** Another work tree of the repository, at the same commit, for as long as `act` goes on. */
  async inOtherTree(act: (root: string) => Promise<unknown>): Promise<void> {
    const root = join(this.base, "other");
    this.git("worktree", "add", "-q", "--detach", root, "HEAD");
    try {
      await act(root);
    } finally {
      this.git("worktree", "remove", "--force", root);
    }
  }

  /** Outputs as they stand, without what the harness has put there itself. */
  outputs(): Map<string, string> {
    const found = outputsIn(this.root);
    for (const stray of this.strays) found.delete(stray);
    return found;
  }

  has(path: string): boolean {
    return lstatSync(this.path(path), { throwIfNoEntry: false }) !== undefined;
  }
}
