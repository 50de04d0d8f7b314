import type { GitRepository } from "@slipway/host";
import { UserError, didYouMean } from "@slipway/kernel";
import type { CiBase } from "./ci-base.ts";

/** Where a comparison starts and ends, and who said so. */
export type Base =
  | {
      readonly kind: "known";
      /** The common ancestor of both ends, a full object name. */
      readonly commit: string;
      /** As somebody wrote it: `origin/main`. */
      readonly ref: string;
      /** Null: the work tree, with what is not committed. */
      readonly head: string | null;
      readonly because: BaseReason;
    }
  /** The history that the answer needs is not on this machine. */
  | {
      readonly kind: "missing";
      readonly ref: string;
      readonly head: string | null;
      readonly because: BaseReason;
      /** The command that brings it. */
      readonly fetch: string;
      /** True: there is no commit at all. */
      readonly unborn: boolean;
    };

export type BaseReason =
  | { readonly kind: "flag" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "ci"; readonly provider: string; readonly event: string }
  | { readonly kind: "base-branch"; readonly from: "configuration" | "remote" | "convention" };

export interface BaseRequest {
  readonly git: GitRepository;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--base` and `--head`. */
  readonly base: string | null;
  readonly head: string | null;
  /** The base branch that the repository's own configuration names. */
  readonly baseBranch: string | null;
  readonly ci: CiBase | null;
}

/**
 * Finds what a change is compared with: the flag, then the variables of nx and turbo, then what CI says, then the base
 * branch. It is always the common ancestor with HEAD, so that what others did on the base branch meanwhile does not count.
 *
 * @throws UserError git/unknown-ref for a name that somebody wrote and that git does not know
 */
export async function findBase(request: BaseRequest): Promise<Base> {
  const head = await findHead(request);
  const written = writtenBase(request);
  if (written) return fromWritten(request, written, head);
  const fromCi = request.ci && (await baseFromCi(request, request.ci, head));
  return fromCi ?? (await fromBaseBranch(request, head));
}

interface Written {
  readonly ref: string;
  readonly because: BaseReason;
}

const baseVariables = ["NX_BASE", "TURBO_SCM_BASE"] as const;
const headVariables = ["NX_HEAD", "TURBO_SCM_HEAD"] as const;

function writtenBase({ base, env }: BaseRequest): Written | null {
  if (base !== null) return { ref: base, because: { kind: "flag" } };
  for (const name of baseVariables) {
    const ref = env[name];
    if (ref) return { ref, because: { kind: "variable", name } };
  }
  return null;
}

async function findHead({ git, head, env }: BaseRequest): Promise<string | null> {
  const written = head ?? headVariables.map((name) => env[name]).find(Boolean);
  if (!written) return null;
  const commit = await git.commitOf(written);
  if (commit === null) throw unknownRef(written, []);
  return commit;
}

async function fromWritten(request: BaseRequest, written: Written, head: string | null): Promise<Base> {
  const { ref, because } = written;
  const { git } = request;
  const commit = (await git.commitOf(ref)) ?? (await git.commitOf(`refs/remotes/origin/${ref}`));
  if (commit === null && !git.isShallow) throw unknownRef(ref, await git.branches());
  return known(request, { ref, because, commit }, head);
}

async function baseFromCi(request: BaseRequest, ci: CiBase, head: string | null): Promise<Base | null> {
  const { git } = request;
  if (ci.kind === "since") {
    if (ci.branch !== null && ci.branch !== (await nameOfBaseBranch(request))) return null;
    const because = { kind: "ci", provider: ci.provider, event: ci.event } as const;
    return known(request, { ref: ci.commit, because, commit: await git.commitOf(ci.commit) }, head);
  }
  const because = { kind: "ci", provider: ci.provider, event: "pull-request" } as const;
  const ref = `origin/${ci.branch}`;
  const candidates = [ref, ...(ci.mergedHead ? ["HEAD^1"] : []), ...ci.commits];
  for (const candidate of candidates) {
    // A commit with one parent is no merge: its first parent says nothing about the target.
    if (candidate === "HEAD^1" && (await git.commitOf("HEAD^2")) === null) continue;
    const commit = await git.commitOf(candidate);
    const found = commit === null ? null : await known(request, { ref, because, commit }, head);
    if (found?.kind === "known") return found;
  }
  return known(request, { ref, because, commit: null }, head);
}

interface Named {
  readonly ref: string;
  readonly because: BaseReason;
  readonly commit: string | null;
}

async function known(request: BaseRequest, named: Named, head: string | null): Promise<Base> {
  const { git } = request;
  const { ref, because, commit } = named;
  const ancestor = commit === null ? null : await git.mergeBase(commit, head ?? "HEAD");
  if (ancestor !== null) return { kind: "known", commit: ancestor, ref, head, because };
  // Histories that never met are compared as they are.
  if (commit !== null && !git.isShallow) return { kind: "known", commit, ref, head, because };
  return missing(git, { ref, head, because });
}

type Missing = Extract<Base, { kind: "missing" }>;

async function missing(
  git: GitRepository,
  where: Pick<Missing, "ref" | "head" | "because">,
  branch = where.ref,
): Promise<Missing> {
  const unborn = (await git.commitOf("HEAD")) === null && (await git.remotes()).length === 0;
  return { kind: "missing", ...where, fetch: await fetchCommand(git, branch), unborn };
}

async function fromBaseBranch(request: BaseRequest, head: string | null): Promise<Base> {
  const { git } = request;
  for (const { name, from } of await baseBranches(request)) {
    const commit = await commitOfBranch(git, name);
    const because = { kind: "base-branch", from } as const;
    if (commit !== null) return known(request, { ref: name, because, commit }, head);
    // Another branch would be a guess against what the repository says.
    if (from === "configuration" && git.isShallow)
      return missing(git, { ref: name, head, because }, `origin/${name}`);
  }
  const ref = (await nameOfBaseBranch(request)) ?? "main";
  const because = { kind: "base-branch", from: "convention" } as const;
  if (git.isShallow || (await git.commitOf("HEAD")) === null) {
    return missing(git, { ref, head, because });
  }
  throw new UserError(
    "git/unknown-ref",
    "no base branch was found: neither origin/HEAD nor main nor master",
    {
      hint: "name what to compare with: --base REF",
    },
  );
}

type BranchSource = Extract<BaseReason, { kind: "base-branch" }>["from"];

async function baseBranches({
  git,
  baseBranch,
}: BaseRequest): Promise<{ name: string; from: BranchSource }[]> {
  const remoteHead = await git.symbolicRef("refs/remotes/origin/HEAD");
  return [
    ...(baseBranch === null ? [] : [{ name: baseBranch, from: "configuration" } as const]),
    ...(remoteHead === null ? [] : [{ name: remoteHead, from: "remote" } as const]),
    { name: "main", from: "convention" },
    { name: "master", from: "convention" },
  ];
}

/** The base branch's name without its remote, whether or not it is on this machine. */
async function nameOfBaseBranch(request: BaseRequest): Promise<string | null> {
  const branches = await baseBranches(request);
  const [first] = branches;
  if (first && first.from !== "convention") return first.name.replace(/^origin\//, "");
  for (const { name } of branches) if ((await commitOfBranch(request.git, name)) !== null) return name;
  return null;
}

/**
 * What the remote has of a branch counts before the local branch of that name: that one is often behind, and standing
 * on it would hide commits that were not pushed yet.
 */
async function commitOfBranch(git: GitRepository, name: string): Promise<string | null> {
  return (await git.commitOf(`refs/remotes/origin/${name}`)) ?? git.commitOf(name);
}

/** Unshallowing brings the missing ancestors, the refspec the branch: `clone --depth` and `--single-branch` have neither. */
async function fetchCommand(git: GitRepository, ref: string): Promise<string> {
  const [remote = "origin"] = await git.remotes();
  const unshallow = git.isShallow ? " --unshallow" : "";
  const branch = ref.startsWith(`${remote}/`) ? ref.slice(remote.length + 1) : ref;
  if (/^[0-9a-f]{7,64}$/.test(branch) || /[~^:@{]/.test(branch))
    return `git fetch --no-tags${unshallow} ${remote}`;
  return `git fetch --no-tags${unshallow} ${remote} +refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
}

function unknownRef(ref: string, names: readonly string[]): UserError {
  const guess = didYouMean(ref, names);
  return new UserError("git/unknown-ref", `git knows no branch, tag or commit "${ref}"`, {
    hint: guess ? `did you mean "${guess}"?` : "fetch it first, or check its spelling",
  });
}
