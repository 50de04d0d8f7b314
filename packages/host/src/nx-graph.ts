import { sha256 } from "@slipway/kernel";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

export interface NxGraphRequest {
  readonly root: string;
  /** Answers are kept in a folder of it. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True: edges come from imports too, so every source file can change the answer. */
  readonly imports: boolean;
  /** Told before nx is started, which takes seconds. */
  onAsk(): void;
}

export type NxGraphAnswer =
  | { readonly text: string; readonly asked: boolean }
  | { readonly text: null; readonly because: string };

const kept = 30;
const askTimeoutMs = 180_000;

/**
 * What `nx graph --file` says of a repository: nx itself is asked once for each state of the files that can change the
 * answer. Its own data goes to a folder beside the answers, so that the work tree stays as it is.
 */
export function nxGraph(request: NxGraphRequest): NxGraphAnswer {
  const { root } = request;
  const nx = installedNx(root);
  if (!nx) return { text: null, because: "nx is not installed here" };
  const key = stateKey(request, nx.version);
  if (key === null) return { text: null, because: "git cannot say which files there are" };
  const dir = join(request.cacheDir, "nx-graph");
  const path = join(dir, `${key}.json`);
  try {
    return { text: readFileSync(path, "utf8"), asked: false };
  } catch {
    // Not asked yet in this state.
  }
  mkdirSync(dir, { recursive: true });
  request.onAsk();
  const part = join(dir, `${key}.${process.pid}.json`);
  try {
    ask(request, { bin: nx.bin, part, data: join(dir, `data-${process.pid}`) });
    renameSync(part, path);
    removeOldest(dir);
    return { text: readFileSync(path, "utf8"), asked: true };
  } catch (error) {
    rmSync(part, { force: true });
    return { text: null, because: `nx graph failed: ${firstLine(error)}` };
  }
}

function installedNx(root: string): { readonly bin: string; readonly version: string } | null {
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

function ask(
  { root, env }: NxGraphRequest,
  { bin, part, data }: { readonly bin: string; readonly part: string; readonly data: string },
): void {
  try {
    execFileSync(bin, ["graph", `--file=${part}`], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: askTimeoutMs,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...env,
        NX_DAEMON: "false",
        NX_NO_CLOUD: "true",
        NX_ANALYTICS: "false",
        NX_TUI: "false",
        NX_CACHE_DIRECTORY: `${data}/cache`,
        NX_WORKSPACE_DATA_DIRECTORY: `${data}/workspace-data`,
      },
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** Names of files that nx and its plugins look at; contents of all others change nothing but imports. */
const configuration =
  /(?:config|rc|ignore)\b[^/]*$|\.(?:json|jsonc|ya?ml|toml|gradle|kts|csproj|mod|lock)$|(?:^|\/)Dockerfile/i;

/** A digest of names and contents; null outside of git. Names of all files count: a plugin may ask whether one is there. */
function stateKey({ root, imports }: NxGraphRequest, version: string): string | null {
  const indexed = git(root, ["ls-files", "-s", "-z"]);
  const changed = git(root, ["status", "--porcelain=v1", "-z", "-uall", "--no-renames"]);
  if (indexed === null || changed === null) return null;
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
  return sha256([version, String(imports), ...facts].join("\n"));
}

function contentMark(path: string): string {
  try {
    return sha256(readFileSync(path));
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

function removeOldest(dir: string): void {
  const answers = readdirSync(dir)
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, at: statSync(join(dir, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at);
  for (const { name } of answers.slice(kept)) rmSync(join(dir, name), { force: true });
}

/** What nx wrote before it failed, else what the system says. */
function firstLine(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: unknown; readonly message?: unknown };
  const texts = [stderr, message].map((each) =>
    typeof each === "string" || Buffer.isBuffer(each) ? each.toString() : "",
  );
  const lines = texts.join("\n").split("\n");
  return lines.find((line) => line.trim() !== "")?.trim() ?? "no message";
}
