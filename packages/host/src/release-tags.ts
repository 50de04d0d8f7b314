import { UserError } from "@slipway/kernel";
import { runBounded, type BoundedResult, type BoundedRun } from "./run-bounded.ts";
import { withoutRedirections, type Environment } from "./git.ts";

/** Git tags as a release makes them: on the remote `origin` when there is one, else here. */
export interface ReleaseTags {
  /** False: tags are made here and go nowhere. */
  readonly hasRemote: boolean;
  /** The commit that each tag points at; absent ones are left out. All of them when no names are given. */
  tags(names?: readonly string[]): Promise<Readonly<Record<string, string>>>;
  push(tags: readonly { readonly name: string; readonly commit: string }[]): Promise<PushAnswer>;
}

export type PushAnswer =
  | { readonly outcome: "accepted" }
  | {
      readonly outcome: "permanent";
      readonly message: string;
      readonly cause: "forbidden";
      readonly hint: string;
    }
  | { readonly outcome: "unknown"; readonly message: string };

/** Not for a push: it would reach a remote in this file system, whose own hooks may refuse. `--no-verify` is for that. */
const withoutHooks = ["-c", "core.hooksPath=/dev/null"];

const gitTimeoutMs = 120_000;

/** No code of the repository or the user runs with it: no file system monitor, no signing, no prompt. */
const quiet = [
  "-c",
  "core.fsmonitor=false",
  "-c",
  "push.gpgSign=false",
  "-c",
  "push.followTags=false",
  "-c",
  "push.recurseSubmodules=no",
];

/**
 * @param root a directory of the work tree
 * @param env the caller's; credentials of registries are taken out of it
 */
export async function openReleaseTags(root: string, env: Environment): Promise<ReleaseTags> {
  const git: Git = (args, input) => {
    const options: BoundedRun = {
      cwd: root,
      env: gitEnvironment(env),
      timeoutMs: gitTimeoutMs,
      outputBytesMax: 64 * 1024 * 1024,
      ...(input === undefined ? {} : { input }),
    };
    return runBounded("git", [...quiet, ...args], options);
  };
  const hasOrigin = (await git(["remote", "get-url", "origin"])).exitCode === 0;
  return {
    hasRemote: hasOrigin,
    tags: async (names) => {
      const listed = hasOrigin
        ? await git(["ls-remote", "--tags", "origin"])
        : await git(["show-ref", "--tags", "-d"]);
      // show-ref exits with 1 when there is no tag at all.
      if (listed.exitCode !== 0 && (hasOrigin || listed.stderr !== "")) throw unreadable(listed);
      const all = tagsIn(listed.stdout);
      return names ? Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) : all;
    },
    push: async (tags) => {
      const refused = await made(git, tags);
      if (refused) return refused;
      if (!hasOrigin || tags.length === 0) return { outcome: "accepted" };
      const refs = tags.map(({ name }) => `refs/tags/${name}:refs/tags/${name}`);
      const pushed = await git(["push", "--atomic", "--no-verify", "--porcelain", "origin", ...refs]);
      return pushed.exitCode === 0 ? { outcome: "accepted" } : failed(pushed);
    },
  };
}

type Git = (args: readonly string[], input?: string) => Promise<BoundedResult>;

/** Makes those tags that are not here yet, annotated, in one process however many they are. */
async function made(
  git: Git,
  tags: readonly { readonly name: string; readonly commit: string }[],
): Promise<PushAnswer | null> {
  const here = tagsIn((await git(["show-ref", "--tags", "-d"])).stdout);
  for (const { name, commit } of tags) {
    const at = here[name] ?? commit;
    if (at === commit) continue;
    const message = `the tag ${name} stands here at ${at}, the release is of ${commit}`;
    const hint = `if the release is right, delete the tag here (git tag --delete ${name}) and run the same command again`;
    return { outcome: "permanent", message, cause: "forbidden", hint };
  }
  const missing = tags.filter(({ name }) => here[name] === undefined);
  if (missing.length === 0) return null;
  const identity = await identityOf(git);
  const stream = missing.map(({ name, commit }) => {
    return `tag ${name}\nfrom ${commit}\ntagger ${identity} now\ndata ${Buffer.byteLength(name)}\n${name}\n`;
  });
  const imported = await git(
    [...withoutHooks, "fast-import", "--quiet", "--date-format=now"],
    stream.join(""),
  );
  return imported.exitCode === 0 ? null : failed(imported);
}

/** The user's own, where one is configured; git's guess from user and host name is nobody's. */
async function identityOf(git: Git): Promise<string> {
  const own = await git(["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"]);
  const named = /^(.+ <.*>) \d+ [+-]\d+\s*$/.exec(own.stdout)?.[1];
  return own.exitCode === 0 && named ? named : "slipway <slipway@users.noreply.invalid>";
}

/** Lines of `OBJECT<space>refs/tags/NAME`; an annotated tag has a second one, `NAME^{}`, with the commit. */
function tagsIn(text: string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, object, name, peeled] = /^([0-9a-f]+)\s+refs\/tags\/(.+?)(\^\{\})?$/.exec(line) ?? [];
    if (object === undefined || name === undefined) continue;
    if (peeled !== undefined || !(name in tags)) tags[name] = object;
  }
  return tags;
}

const reasonsNamedMax = 5;

/** What git says for programs on stdout, and what the remote says for people on stderr, in one sentence. */
function failed({ stdout, stderr }: BoundedResult): PushAnswer {
  const all = [...stdout.matchAll(/^!\t[^\t]*:refs\/tags\/([^\t]+)\t(.+)$/gm)];
  // Those that are refused because another one is say nothing new.
  const culprits = all.filter(([, , reason = ""]) => !reason.includes("atomic"));
  const refused = culprits.length > 0 ? culprits : all;
  const said = [...stderr.matchAll(/^remote: *(\S.*)$/gm)].map(([, line = ""]) => line.trim()).join("; ");
  if (refused.length === 0) {
    const message = (said || stderr.trim()).slice(-500) || "git was ended by a signal";
    return /permission|denied|authentication/i.test(message)
      ? { outcome: "permanent", message: `git can't push to origin: ${message}`, cause: "forbidden", hint }
      : { outcome: "unknown", message };
  }
  const reasons = [...new Set(refused.map(([, , reason = ""]) => reason))];
  const named = refused.slice(0, reasonsNamedMax).map(([, name = ""]) => name);
  const more = refused.length > named.length ? ` and ${refused.length - named.length} more` : "";
  const message = `origin does not take ${named.join(", ")}${more}: ${reasons.join(", ")}${said === "" ? "" : `; it says: ${said.slice(-500)}`}`;
  // A push is sent a second time by the transport where its connection was cut: the first one may have made them.
  const mayBeMade = /already exists|cannot lock ref/.test(`${reasons.join()} ${said}`);
  return !mayBeMade && reasons.some((reason) => reason.startsWith("[remote rejected]"))
    ? { outcome: "permanent", message, cause: "forbidden", hint }
    : { outcome: "unknown", message };
}

const hint =
  "everything else is done; let whoever pushes make these tags (a token with `contents: write`, no rule or hook that protects them), and run the same command again";

function unreadable({ stderr, timedOut }: BoundedResult): UserError {
  const said = timedOut ? "no answer" : stderr.trim();
  return new UserError("git/failed", `the tags of the remote cannot be read: ${said}`, {
    hint: "run `git ls-remote --tags origin` by hand to see what git needs",
  });
}

/** Tokens for registries are none of git's business; those that git itself needs (askpass, ssh agent) stay. */
function gitEnvironment(env: Environment): Record<string, string | undefined> {
  const kept = Object.entries(withoutRedirections(env)).filter(
    ([name]) => !/^(NPM_|NODE_AUTH|npm_config_.*(auth|token|password))/i.test(name),
  );
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}
