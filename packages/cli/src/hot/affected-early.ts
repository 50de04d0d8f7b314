import { changedTracked, repositoryAt, type GitRepository } from "@slipway/host/hot";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { affectedIn, changedLockfile } from "@slipway/workspace";
import type { Context } from "../command.ts";
import { tellAffected, type AffectedFlags } from "../journeys/tell-affected.ts";
import { affectedBase } from "../wire/affected-base.ts";
import { findBase, type Base } from "../wire/base.ts";
import { keepUntracked } from "./keep-untracked.ts";
import { nearGit } from "./kept-bases.ts";
import { lookForUntracked, stampsOf } from "./kept-untracked.ts";
import { configurationIn, heldView } from "./kept-view.ts";

/**
 * What a change reaches, from the workspace as it was kept: git says what changed, and only stamps are looked at. Null
 * where that is not enough, or where something has to be said that only the program proper can.
 */
export async function affectedEarly(
  flags: AffectedFlags & { readonly "tasks-from": string | undefined },
  context: Pick<Context, "cwd" | "env" | "terminal" | "answer" | "say">,
): Promise<ExitStatus | null> {
  const { cwd: root, env } = context;
  const git = repositoryAt(root, env);
  if (!git) return null;
  try {
    return await answered(git, flags, context);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

async function answered(
  git: GitRepository,
  flags: Parameters<typeof affectedEarly>[0],
  context: Parameters<typeof affectedEarly>[1],
): Promise<ExitStatus | null> {
  const { cwd: root, env } = context;
  const near = nearGit(git, env);
  // Git is asked first, because it takes longer than all else.
  const written = isWritten(flags.base, env) ? await askWritten(near.git, flags.base, env) : null;
  const untracked = lookForUntracked(git, env);
  // Awaited only where all else holds.
  untracked.paths.catch(() => {});
  const view = heldView({ git, tasksFrom: flags["tasks-from"] }, stampsOf(untracked));
  if (!view) return null;
  const question = { root, workspace: view, env, base: null, head: null };
  const { base, tracked } = written ?? withTracked(near.git, await affectedBase(near.git, question), env);
  const [files, listed] = await Promise.all([tracked, untracked.paths.catch(() => null)]);
  if (base.kind === "missing" || !files || !listed) return null;
  if (configurationIn(listed).join("\0") !== view.untracked.join("\0")) return null;
  const changes = { files: [...new Set([...files, ...listed])].toSorted(), lockfileBefore: null };
  if (changedLockfile(view.affected, changes.files) !== undefined) return null;
  const packages = affectedIn(view.affected, changes.files, () => []);
  const workspace = { warnings: view.warnings, packages: view.affected.names };
  const exit = tellAffected({ base, changes, packages, warnings: [] }, workspace, {
    flags,
    outside: context,
    tasks: null,
  });
  near.keep();
  await keepUntracked(git, env, untracked);
  return exit;
}

interface Asked {
  readonly base: Base;
  /** Null: git has no answer, or the question is not one for here. */
  readonly tracked: Promise<readonly string[] | null>;
}

function isWritten(base: string | undefined, env: Context["env"]): boolean {
  return base !== undefined || Boolean(env["NX_BASE"] || env["TURBO_SCM_BASE"]);
}

/** What somebody wrote depends on nothing that the workspace says: git goes on while that is looked at. */
async function askWritten(git: GitRepository, base: string | undefined, env: Context["env"]): Promise<Asked> {
  const question = { git: trusting(git), env, base: base ?? null, head: null, baseBranch: null, ci: null };
  return withTracked(git, await findBase(question), env);
}

function withTracked(git: GitRepository, base: Base, env: Context["env"]): Asked {
  const isCommit = base.kind === "known" && /^[0-9a-f]{40,64}$/.test(base.commit) && base.head === null;
  return { base, tracked: isCommit ? changedTracked(git, base.commit, env) : Promise.resolve(null) };
}

/** What a name means is not asked apart from where it met HEAD: one that means nothing met it nowhere, and has no answer here. */
function trusting(git: GitRepository): GitRepository {
  return { ...git, commitOf: async (ref) => (ref.startsWith("-") ? null : ref) };
}
