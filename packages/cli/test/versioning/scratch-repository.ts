import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A git repository that a test writes into. */
export interface ScratchRepository {
  readonly home: string;
  readonly dir: string;
  /** Null removes the file. */
  layOut(files: Readonly<Record<string, string | null>>): void;
  git(...args: readonly string[]): string;
  commit(files?: Readonly<Record<string, string | null>>): void;
  remove(): void;
}

export function scratchRepository(files: Readonly<Record<string, string>>): ScratchRepository {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "slipway-repository-")));
  const dir = join(home, "clone");
  mkdirSync(dir);
  const settings = ["user.name=A", "user.email=a@example.com", "core.hooksPath=/dev/null"].flatMap((each) => [
    "-c",
    each,
  ]);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", [...settings, ...args], {
      cwd: dir,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  const layOut: ScratchRepository["layOut"] = (texts) => {
    for (const [path, text] of Object.entries(texts)) {
      const file = join(dir, path);
      mkdirSync(dirname(file), { recursive: true });
      if (text === null) rmSync(file);
      else writeFileSync(file, text);
    }
  };
  const commit: ScratchRepository["commit"] = (texts = {}) => {
    layOut(texts);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", "change");
  };
  git("init", "-q", "-b", "main");
  commit(files);
  return { home, dir, layOut, git, commit, remove: () => rmSync(home, { recursive: true, force: true }) };
}
