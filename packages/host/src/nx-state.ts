import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface NxStateRequest {
  readonly root: string;
  /** True: every source file can change what nx says, not only configuration. */
  readonly imports: boolean;
}

export interface InstalledNx {
  readonly bin: string;
  /** Its manifest as text. */
  readonly version: string;
}

export function installedNx(root: string): InstalledNx | null {
  for (let at = root; ; at = dirname(at)) {
    const bin = join(at, "node_modules/.bin/nx");
    try {
      if (existsSync(bin))
        return { bin, version: readFileSync(join(at, "node_modules/nx/package.json"), "utf8") };
    } catch {
      return null;
    }
    if (dirname(at) === at) return null;
  }
}

/**
 * Files that nx and its plugins look at, or that such files commonly load; contents of all others change nothing but
 * imports. A directory whose name starts with a dot holds configuration.
 */
const configuration =
  /(?:config|rc|ignore|preset)\b[^/]*$|\.(?:json|jsonc|ya?ml|toml|xml|gradle|kts|\w+proj|slnx?|mod|lock)$|(?:^|\/)(?:Dockerfile[^/]*|\.[^/]+(?:\/.*)?)$/i;

/**
 * A digest of all that can change what nx says of a repository: nx itself, names and contents. Names of all files count:
 * a plugin may ask whether one is there.
 *
 * @returns null outside of git, and where nx is not installed
 */
export function nxState({ root, imports }: NxStateRequest): string | null {
  const nx = installedNx(root);
  const indexed = nx && git(root, ["ls-files", "-s", "-z"]);
  const changed = nx && git(root, ["status", "--porcelain=v1", "-z", "-uall", "--no-renames"]);
  if (!nx || indexed === null || changed === null) return null;
  const marks = new Map<string, string>();
  const counts = (path: string): boolean => imports || configuration.test(path);
  for (const line of indexed.split("\0").filter(Boolean)) {
    const path = line.slice(line.indexOf("\t") + 1);
    marks.set(path, counts(path) ? line.slice(0, line.indexOf("\t")) : "");
  }
  for (const path of changed
    .split("\0")
    .filter(Boolean)
    .map((line) => line.slice(3))) {
    if (!existsSync(join(root, path))) marks.delete(path);
    else marks.set(path, counts(path) ? contentMark(join(root, path)) : "");
  }
  const facts = [...marks].map(([path, mark]) => `${path}\0${mark}`).toSorted();
  return hash("sha256", [nx.version, String(imports), ...facts].join("\n"), "hex");
}

function contentMark(path: string): string {
  try {
    return hash("sha256", readFileSync(path), "hex");
  } catch {
    return "gone";
  }
}

function git(root: string, args: readonly string[]): string | null {
  try {
    return execFileSync("git", ["-c", "core.fsmonitor=false", "--no-optional-locks", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 256 * 1024 * 1024,
    });
  } catch {
    return null;
  }
}
