import type { GitRepository } from "@slipway/host";
import { openRepository } from "@slipway/host";
import { UserError, type Problem } from "@slipway/kernel";
import {
  affected,
  changedLockfile,
  readLockfile,
  type Affected,
  type LockfileView,
  type Workspace,
  type WorkspaceChanges,
} from "@slipway/workspace";
import { affectedBase } from "./affected-base.ts";
import type { Base } from "./base.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface AffectedRequest {
  /** Absolute. */
  readonly root: string;
  readonly workspace: Workspace;
  readonly env: Environment;
  readonly base: string | null;
  readonly head: string | null;
  /** True: missing history is an error; false: it makes everything affected, with a warning. */
  readonly strict: boolean;
}

/** What changed since the base, and what that reaches. */
export interface AffectedView {
  readonly base: Base;
  /** Null: not known, so everything counts as affected; then `packages` is null too. */
  readonly changes: WorkspaceChanges | null;
  readonly packages: readonly Affected[] | null;
  readonly warnings: readonly Problem[];
}

/**
 * @throws UserError git/not-a-repository, git/unknown-ref, and git/missing-history when `strict`
 */
export async function findAffected(request: AffectedRequest): Promise<AffectedView> {
  const { root, workspace, env } = request;
  const git = await openRepository(root, env);
  const base = await affectedBase(git, request);
  if (base.kind === "missing") return withoutHistory(base, request.strict);
  const changes = await changesBetween(git, workspace, { from: base.commit, to: base.head });
  return { base, changes, packages: affected(workspace, changes), warnings: [] };
}

/** What a git range in a filter (`main`, `main...HEAD`) changed: since the common ancestor, as for `--base`. */
export async function affectedInRange(
  git: GitRepository,
  workspace: Workspace,
  range: string,
): Promise<readonly Affected[]> {
  const [from = "", to] = range.split(/\.{2,3}/);
  const start = await existing(git, from);
  const head = to ? await existing(git, to) : null;
  const ancestor = await git.mergeBase(start, head ?? "HEAD");
  return affected(workspace, await changesBetween(git, workspace, { from: ancestor ?? start, to: head }));
}

async function existing(git: GitRepository, ref: string): Promise<string> {
  const commit = await git.commitOf(ref);
  if (commit !== null) return commit;
  throw new UserError("git/unknown-ref", `git knows no branch, tag or commit "${ref}"`, {
    hint: "fetch it first, or check its spelling",
  });
}

async function changesBetween(
  git: GitRepository,
  workspace: Workspace,
  range: { readonly from: string; readonly to: string | null },
): Promise<WorkspaceChanges> {
  const files = await git.changedFiles(range.from, range.to);
  const path = changedLockfile(workspace, files);
  const lockfileBefore =
    path === undefined ? null : await lockfileAt(git, workspace, { path, at: range.from });
  return { files, lockfileBefore };
}

/** The former lockfile, read for the packages of today: one that was not there then has no part in it. */
async function lockfileAt(
  git: GitRepository,
  workspace: Workspace,
  { path, at }: { readonly path: string; readonly at: string },
): Promise<LockfileView | null> {
  const bytes = await git.fileAt(at, path);
  if (bytes === null) return null;
  const files = new Map([[path, bytes.toString("utf8")]]);
  // What Yarn's catalogs stood for then is said there.
  const settings = path === "yarn.lock" ? await git.fileAt(at, ".yarnrc.yml") : null;
  if (settings !== null) files.set(".yarnrc.yml", settings.toString("utf8"));
  return readLockfile({ files }, workspace);
}

function withoutHistory(base: Base & { readonly kind: "missing" }, strict: boolean): AffectedView {
  const message = base.unborn
    ? "nothing is committed yet"
    : `the history since ${base.ref} is not on this machine`;
  const hint = base.unborn
    ? "commit once: what changes from then on is told apart"
    : `bring it with \`${base.fetch}\``;
  if (strict) throw new UserError("git/missing-history", message, { hint });
  const warning: Problem = {
    code: "git/missing-history",
    message: `${message}, so everything counts as affected`,
    hint,
  };
  return { base, changes: null, packages: null, warnings: [warning] };
}
