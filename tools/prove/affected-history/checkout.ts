import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerModules } from "../../../packages/cli/test/peers/peers.ts";

/** A scratch clone that goes from commit to commit. Nothing is installed in it. */
export interface Checkout {
  readonly root: string;
  /** The newest of the first-parent line, the oldest first. */
  commits(count: number): readonly string[];
  goTo(commit: string): void;
  git(...args: readonly string[]): string;
  remove(): void;
}

export function checkoutOf(repository: string): Checkout {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "slipway-history-")));
  execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", repository, root]);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 }).trim();
  return {
    root,
    git,
    commits: (count) =>
      git("rev-list", "--first-parent", `--max-count=${count}`, "HEAD").split("\n").toReversed(),
    goTo: (commit) => goTo(root, commit, git),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function goTo(root: string, commit: string, git: Checkout["git"]): void {
  checkOut(root, commit, git);
  git("clean", "--force", "-d", "--quiet", "--exclude=node_modules");
  linkNx(root);
  withoutPlugins(join(root, "nx.json"));
}

export function checkOut(root: string, commit: string, git: Checkout["git"]): void {
  try {
    execFileSync("git", ["checkout", "--quiet", "--force", "--detach", commit], {
      cwd: root,
      stdio: "ignore",
    });
  } catch {
    checkOutWhatIsThere(root, commit, git);
  }
}

/** Blobs that a partial mirror lacks stay away. */
function checkOutWhatIsThere(root: string, commit: string, git: Checkout["git"]): void {
  git("update-ref", "--no-deref", "HEAD", commit);
  git("read-tree", commit);
  try {
    execFileSync("git", ["checkout-index", "--force", "--all", "--quiet"], { cwd: root, stdio: "ignore" });
  } catch {
    if (!existsSync(join(root, "package.json"))) throw new Error("package.json is not in the mirror");
  }
  // Else the tools would take what the mirror lacks for deleted.
  const missing = git("ls-files", "--deleted", "-z").split("\0").filter(Boolean);
  if (missing.length > 0) git("update-index", "--skip-worktree", "--", ...missing);
}

function linkNx(root: string): void {
  const modules = join(root, "node_modules");
  if (existsSync(modules)) return;
  mkdirSync(modules);
  symlinkSync(join(peerModules, "nx"), join(modules, "nx"));
  writeFileSync(join(modules, ".modules.yaml"), '{"hoistedDependencies":{},"layoutVersion":5}');
}

/**
 * The plugins are not installed, and a plugin's projects would be nobody's for Slipway without nx's snapshot. Neither is
 * the compiler with which nx reads imports: edges then come from the manifests alone, on both sides.
 */
function withoutPlugins(path: string): void {
  if (!existsSync(path)) return;
  const { plugins: _, ...rest } = withoutComments(readFileSync(path, "utf8"));
  writeFileSync(
    path,
    JSON.stringify({ ...rest, pluginsConfig: { "@nx/js": { analyzeSourceFiles: false } } }),
  );
}

/** nx.json may have comments and trailing commas; strings are left as they are. */
function withoutComments(text: string): Record<string, unknown> {
  const bare = text.replaceAll(
    /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, string?: string) => string ?? "",
  );
  const plain = bare.replaceAll(/("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])/g, (_, string?: string) => string ?? "");
  return JSON.parse(plain) as Record<string, unknown>;
}
