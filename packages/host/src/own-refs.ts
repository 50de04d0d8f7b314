import { withoutRedirections, type Environment } from "./git.ts";
import { runBounded, type BoundedResult, type BoundedRun } from "./run-bounded.ts";

/** Refs of slipway's own on `origin`: each a commit without files whose message is what is to be known. */
export interface OwnRefs {
  /** The object of each ref under a name or pattern; null: origin does not answer. */
  list(pattern: string): Promise<ReadonlyMap<string, string> | null>;
  /** What an object says; it is fetched. */
  message(ref: string, object: string): Promise<string>;
  /** Sets a ref if it is what was seen (null: not there), or removes it; null when it was not. */
  replace(ref: string, before: string | null, message: string | null): Promise<string | null>;
}

const gitTimeoutMs = 60_000;
const messageBytesMax = 64 * 1024 * 1024;
const identity = ["-c", "user.name=slipway", "-c", "user.email=slipway@users.noreply.invalid"];

/** Null: there is no remote named origin. */
export async function openOwnRefs(root: string, env: Environment): Promise<OwnRefs | null> {
  const git: Git = (args, input) => {
    const options: BoundedRun = {
      cwd: root,
      env: environment(env),
      timeoutMs: gitTimeoutMs,
      outputBytesMax: messageBytesMax,
      ...(input === undefined ? {} : { input }),
    };
    return runBounded("git", ["-c", "core.fsmonitor=false", "-c", "push.gpgSign=false", ...args], options);
  };
  if ((await git(["remote", "get-url", "origin"])).exitCode !== 0) return null;
  return {
    list: async (pattern) => {
      const listed = await git(["ls-remote", "origin", pattern]);
      if (listed.exitCode !== 0) return null;
      return new Map(
        [...listed.stdout.matchAll(/^([0-9a-f]+)\s+(\S+)$/gm)].map(([, object = "", ref = ""]) => [
          ref,
          object,
        ]),
      );
    },
    message: async (ref, object) => {
      await git(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "origin", ref]);
      return (await git(["log", "-1", "--format=%B", object])).stdout;
    },
    replace: async (ref, before, message) => {
      const object = message === null ? "" : await commitOf(git, message);
      const lease = `--force-with-lease=${ref}:${before ?? ""}`;
      const pushed = await git(["push", "--quiet", "--no-verify", lease, "origin", `${object}:${ref}`]);
      return pushed.exitCode === 0 ? object : null;
    },
  };
}

type Git = (args: readonly string[], input?: string) => Promise<BoundedResult>;

async function commitOf(git: Git, message: string): Promise<string> {
  const tree = (await git(["hash-object", "-t", "tree", "-w", "/dev/null"])).stdout.trim();
  return (await git([...identity, "commit-tree", tree, "-F", "-"], message)).stdout.trim();
}

function environment(env: Environment): Record<string, string | undefined> {
  const kept = Object.entries(withoutRedirections(env)).filter(([name]) => !/^(NPM_|NODE_AUTH)/.test(name));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}
