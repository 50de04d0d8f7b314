import { execFile, execFileSync } from "node:child_process";
import { findOnPath } from "./find-on-path.ts";

export interface CallerPlatform {
  readonly os: string;
  readonly arch: string;
  readonly node: string | null;
  readonly nodePath: string | null;
}

/** The machine, and the `node` that a task of this caller finds: not the one that runs Slipway. */
export function callerPlatform(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): CallerPlatform {
  const nodePath = findOnPath("node", env["PATH"] ?? "");
  const node = nodePath === null ? null : versionOf(nodePath, { env, cwd });
  return { os: process.platform, arch: process.arch, node, nodePath };
}

function versionOf(
  path: string,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): string | null {
  try {
    const answer = execFileSync(path, ["--version"], {
      cwd,
      env: { ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    return answer.toString("utf8").trim();
  } catch {
    return null;
  }
}

/** What a shell line prints; when it fails, that it failed is the answer. */
export function answerOfLine(
  line: string,
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Promise<string> {
  return new Promise((resolve) => {
    execFile("sh", ["-c", line], { cwd, env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      resolve(error ? `failed (${error.code ?? error.signal ?? "?"}): ${stdout}` : stdout.trim());
    });
  });
}
