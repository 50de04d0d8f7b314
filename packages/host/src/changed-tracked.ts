import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from "node:fs";
import { ensureDir } from "./ensure-dir.ts";
import { diffOf, type GitRepository } from "./git-repository.ts";
import { readingEnvironment, type Environment } from "./git.ts";

/**
 * Tracked files below the root that differ between a commit and the work tree. The answer comes in a file that has no
 * name any more: what Node makes of a pipe costs as much as the question.
 *
 * @returns null where git has no answer, or there is no place for one
 */
export function changedTracked(
  { root, commonDir }: GitRepository,
  base: string,
  env: Environment,
): Promise<readonly string[] | null> {
  const file = nameless(`${commonDir}/slipway`);
  if (file === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const child = spawn("git", ["-c", "core.fsmonitor=false", ...diffOf(base, null)], {
      cwd: root,
      env: readingEnvironment(env),
      stdio: ["ignore", file, "ignore"],
    });
    const end = (isAnswer: boolean): void => {
      const text = isAnswer ? textIn(file) : null;
      closeSync(file);
      resolve(text === null ? null : text.split("\0").filter(Boolean));
    };
    child.once("error", () => end(false));
    child.once("exit", (code) => end(code === 0));
  });
}

function nameless(dir: string): number | null {
  const path = `${dir}/answer-${process.pid}`;
  try {
    ensureDir(dir);
    const file = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return file;
  } catch {
    return null;
  }
}

function textIn(file: number): string | null {
  const bytes = Buffer.allocUnsafe(fstatSync(file).size);
  let at = 0;
  for (let read = -1; read !== 0 && at < bytes.length; at += read) {
    read = readSync(file, bytes, at, bytes.length - at, at);
  }
  return at === bytes.length ? bytes.toString("utf8") : null;
}
