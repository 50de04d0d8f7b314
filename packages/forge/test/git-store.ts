import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface StoredFile {
  readonly path: string;
  readonly mode: string;
  /** Null: the file goes. */
  readonly text: string | null;
}

/** What a forge keeps behind its API: a bare repository. */
export function gitStore(bare: string) {
  const git = (args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): string =>
    execFileSync("git", args, {
      cwd: bare,
      encoding: "utf8",
      input: options.input ?? "",
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, ...identity, ...options.env },
    }).trim();
  const tip = (ref: string): string | null => {
    try {
      return git(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
    } catch {
      return null;
    }
  };
  const treeWith = (base: string, files: readonly StoredFile[]): string => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-index-"));
    const env = { GIT_INDEX_FILE: join(folder, "index") };
    try {
      git(["read-tree", base], { env });
      for (const { path, mode, text } of files) {
        const known = git(["ls-tree", base, "--", path]) !== "";
        if (text === null && !known) throw new Error(`${path} is not there`);
        if (text === null)
          git(["update-index", "--index-info"], { env, input: `0 ${"0".repeat(40)}\t${path}\n` });
        else {
          const blob = git(["hash-object", "-w", "--stdin"], { input: text });
          git(["update-index", "--add", "--cacheinfo", `${mode},${blob},${path}`], { env });
        }
      }
      return git(["write-tree"], { env });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const commit = (tree: string, parent: string, message: string): string =>
    git(["commit-tree", tree, "-p", parent, "-m", message]);
  return { git, tip, treeWith, commit };
}

export type GitStore = ReturnType<typeof gitStore>;

const identity = {
  GIT_AUTHOR_NAME: "forge",
  GIT_AUTHOR_EMAIL: "forge@example.com",
  GIT_COMMITTER_NAME: "forge",
  GIT_COMMITTER_EMAIL: "forge@example.com",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
};
