import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** The caller's environment without what would let a hook's or a person's settings in. */
export const gitEnv: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

export interface TestRepository {
  readonly dir: string;
  git(...args: readonly string[]): string;
  write(files: Readonly<Record<string, string>>): void;
  /** @returns the commit's full name */
  commit(files: Readonly<Record<string, string>>): string;
}

/** A fresh repository on the branch `main`; it is gone when the test ends. */
export function makeRepository(): TestRepository {
  const repository = at(makeFolder());
  repository.git("init", "--quiet", "--initial-branch=main");
  return repository;
}

/** A clone with these flags (`--depth=1`), made through a file: URL since a plain path ignores the depth. */
export function cloneOf(origin: TestRepository, ...flags: readonly string[]): TestRepository {
  const dir = join(makeFolder(), "clone");
  execFileSync("git", ["clone", "--quiet", ...flags, `file://${origin.dir}`, dir], { env: gitEnv });
  return at(dir);
}

export function makeFolder(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "slipway-git-")));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function at(dir: string): TestRepository {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: dir, env: gitEnv, encoding: "utf8" }).trim();
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
  };
  return {
    dir,
    git,
    write,
    commit(files) {
      write(files);
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "-m", "c");
      return git("rev-parse", "HEAD");
    },
  };
}
