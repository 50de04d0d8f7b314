import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadedFiles } from "./loaded-files.ts";

export interface NxStateRequest {
  readonly root: string;
  /** True: every source file can change what nx says, not only configuration. */
  readonly imports: boolean;
  /** Of a source file then only what it imports counts; without it the whole contents do. */
  readonly importMarkOf?: (contents: string, read: () => string) => string;
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
 * Files that nx and its plugins look at; contents of all others change nothing but imports, save of those that programs
 * among these load. A directory whose name starts with a dot holds configuration.
 */
const configuration =
  /(?:config|rc|ignore|preset)\b[^/]*$|\.(?:json|jsonc|ya?ml|toml|xml|gradle|kts|\w+proj|slnx?|mod|lock)$|(?:^|\/)(?:Dockerfile[^/]*|\.[^/]+(?:\/.*)?)$/i;

/**
 * A digest of all that can change what nx says of a repository: nx itself, names and contents. Names of all files count:
 * a plugin may ask whether one is there.
 *
 * @returns null outside of git, and where nx is not installed
 */
export function nxState(request: NxStateRequest): string | null {
  const { root, imports } = request;
  const nx = installedNx(root);
  const files = nx && filesOf(root);
  if (!nx || !files) return null;
  const programs = [...files.keys()].filter((path) => configuration.test(path) && source.test(path));
  const loaded = loadedFiles(root, programs, files.keys());
  const facts = [...files].map(([path, name]) => {
    if (configuration.test(path) || loaded.has(path)) return `${path}\0${contentsOf(root, path, name)}`;
    return `${path}\0${imports ? importsOf(path, name, request) : ""}`;
  });
  return hash("sha256", [nx.version, String(imports), ...facts.toSorted()].join("\n"), "hex");
}

/** Tracked and untracked files, with git's name of their contents; null where it does not know what is in them now. */
function filesOf(root: string): ReadonlyMap<string, string | null> | null {
  const indexed = git(root, ["ls-files", "-s", "-z"]);
  const changed = git(root, ["status", "--porcelain=v1", "-z", "-uall", "--no-renames"]);
  if (indexed === null || changed === null) return null;
  const files = new Map<string, string | null>();
  for (const line of indexed.split("\0").filter(Boolean)) {
    const tab = line.indexOf("\t");
    files.set(line.slice(tab + 1), line.slice(0, tab));
  }
  for (const line of changed.split("\0").filter(Boolean)) {
    const path = line.slice(3);
    if (existsSync(join(root, path))) files.set(path, null);
    else files.delete(path);
  }
  return files;
}

const source = /\.[cm]?[jt]sx?$/;

function contentsOf(root: string, path: string, name: string | null): string {
  return name ?? contentMark(join(root, path));
}

function importsOf(path: string, name: string | null, { root, importMarkOf }: NxStateRequest): string {
  const contents = contentsOf(root, path, name);
  if (!importMarkOf || !source.test(path)) return contents;
  try {
    return importMarkOf(contents, () => readFileSync(join(root, path), "utf8"));
  } catch {
    // A submodule, or a link that leads nowhere.
    return contents;
  }
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
