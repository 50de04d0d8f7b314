import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const packageNames = ["a", "b", "c", "d"] as const;

/** A workspace of four packages on disk whose builds depend on all that a fingerprint has to know. */
export class SmallWorkspace {
  readonly base: string;
  readonly root: string;
  /** Variables that the next run has. */
  mode = "one";
  /** Files that the harness itself has put among outputs. */
  readonly strays = new Set<string>();
  /** Outputs whose mode the harness has changed: a script that writes into such a file keeps its mode, with or without a cache. */
  readonly chmodded = new Set<string>();
  /** Whether the next run comes after one in another work tree of this repository, with the same store. */
  otherTree = false;
  #clean: { readonly of: string; readonly made: Map<string, string> | null } = { of: "", made: null };

  constructor() {
    this.base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-stale-")));
    this.root = join(this.base, "repo");
    this.write(
      "package.json",
      JSON.stringify({ name: "root", private: true, packageManager: "pnpm@10.0.0" }),
    );
    this.write("pnpm-workspace.yaml", "packages:\n  - packages/*\n");
    this.write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n");
    this.write(".gitignore", "dist/\nnode_modules/\n*.log\n");
    this.write("shared.txt", "shared 1");
    this.writeTurbo(true);
    for (const [at, name] of packageNames.entries()) {
      this.writeManifest(name, {
        needs: at === 0 ? [] : [packageNames[at - 1] ?? "a"],
        version: 1,
        cleans: at % 2 === 0,
      });
      this.write(`packages/${name}/src/one.txt`, `${name} one`);
      this.write(`packages/${name}/src/two.txt`, `${name} two`);
    }
    this.git("init", "-q", "-b", "main");
    this.commit();
  }

  get env(): Record<string, string> {
    const { PATH = "" } = process.env;
    return { PATH, HOME: this.base, XDG_CACHE_HOME: join(this.base, "cache"), MODE: this.mode };
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
    const build = { dependsOn: ["^build"], outputs: ["dist/**", "made/**"], env: withMode ? ["MODE"] : [] };
    // Only counted variables reach a task in strict mode, so a script cannot read what does not count.
    this.write("turbo.json", JSON.stringify({ globalDependencies: ["shared.txt"], tasks: { build } }));
  }

  writeManifest(name: string, { needs, version, cleans }: ManifestModel): void {
    const from = needs.map((need) => `cat ../${need}/dist/all.txt > dist/from-${need}.txt`);
    const script = [
      ...(cleans ? ["rm -rf dist"] : []),
      "mkdir -p dist made",
      `echo v${version} > dist/version.txt`,
      "cat src/*.txt > dist/all.txt",
      // `made` is not ignored by git: what a task makes there itself is no input of it.
      "cat src/*.txt ../../shared.txt > made/copy.txt",
      "for f in src/*.txt; do cp -P $f dist/; done",
      "for f in src/*.txt; do test -x $f && echo x $f || echo - $f; done > dist/modes.list",
      'echo "mode ${MODE-}" > dist/mode.list',
      ...from,
    ].join(" && ");
    const dependencies = Object.fromEntries(needs.map((need) => [need, "workspace:*"]));
    const text = JSON.stringify({ name, version: "1.0.0", scripts: { build: script }, dependencies });
    this.write(`packages/${name}/package.json`, text);
  }

  git(...args: string[]): string {
    const identity = [
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@example.invalid",
      "-c",
      "commit.gpgsign=false",
    ];
    return execFileSync("git", [...identity, ...args], { cwd: this.root, env: this.env, encoding: "utf8" });
  }

  commit(): void {
    this.git("add", "-A");
    this.git("commit", "-q", "--allow-empty", "-m", "state");
  }

  /**
   * What a build without any cache makes of the files that count, in a directory where nothing else is; null when it
   * fails. Made anew whenever one byte or mode of them is another than the last time.
   */
  cleanBuild(): Map<string, string> | null {
    const files = this.#counting();
    const of = JSON.stringify([[...files].map(([path, { mode, text }]) => [path, mode, text]), this.env]);
    if (this.#clean.of !== of) this.#clean = { of, made: this.#builtClean(files) };
    return this.#clean.made;
  }

  #counting(): Map<string, CountingFile> {
    const listed = this.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
      .split("\0")
      .filter(Boolean);
    const files = new Map<string, CountingFile>();
    for (const path of new Set(listed)) {
      const stat = lstatSync(this.path(path), { throwIfNoEntry: false });
      if (!stat || this.strays.has(path) || /^packages\/[^/]+\/made\//.test(path)) continue;
      const isLink = stat.isSymbolicLink();
      const text = isLink ? readlinkSync(this.path(path)) : readFileSync(this.path(path), "utf8");
      files.set(path, { mode: stat.mode & 0o777, text, isLink });
    }
    return files;
  }

  #builtClean(files: ReadonlyMap<string, CountingFile>): Map<string, string> | null {
    const dir = join(this.base, "clean");
    rmSync(dir, { recursive: true, force: true });
    for (const [path, { mode, text, isLink }] of files) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      if (isLink) symlinkSync(text, join(dir, path));
      else writeFileSync(join(dir, path), text, { mode });
    }
    const turbo = JSON.parse(readFileSync(this.path("turbo.json"), "utf8")) as {
      tasks: { build: { env: string[] } };
    };
    const { MODE, ...others } = this.env;
    const env = turbo.tasks.build.env.includes("MODE") ? { ...others, MODE } : others;
    const script = packageNames.map((name) => `(cd packages/${name} && ${scriptOf(dir, name)})`).join(" && ");
    const { status } = spawnSync("sh", ["-c", script], { cwd: dir, env, stdio: "ignore" });
    return status === 0 ? outputsIn(dir) : null;
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
}

interface CountingFile {
  readonly mode: number;
  /** Of a link where it leads. */
  readonly text: string;
  readonly isLink: boolean;
}

export interface ManifestModel {
  readonly needs: readonly string[];
  readonly version: number;
  /** Whether the script removes its old outputs itself. */
  readonly cleans: boolean;
}

function scriptOf(dir: string, name: string): string {
  const text = readFileSync(join(dir, `packages/${name}/package.json`), "utf8");
  return (JSON.parse(text) as { scripts: { build: string } }).scripts.build;
}

function outputsIn(dir: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of packageNames) {
    for (const folder of ["dist", "made"]) collect(dir, `packages/${name}/${folder}`, found);
  }
  return found;
}

function collect(dir: string, at: string, found: Map<string, string>): void {
  if (!existsSync(join(dir, at))) return;
  for (const entry of readdirSync(join(dir, at), { withFileTypes: true })) {
    const path = `${at}/${entry.name}`;
    if (entry.isDirectory()) collect(dir, path, found);
    else if (entry.isSymbolicLink()) found.set(path, `link ${readlinkSync(join(dir, path))}`);
    else
      found.set(path, `${lstatSync(join(dir, path)).mode & 0o100} ${readFileSync(join(dir, path), "utf8")}`);
  }
}
