import { repositoryAt, type GitRepository } from "@slipway/host/hot";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { affected, changedLockfile } from "@slipway/workspace";
import type { Context } from "../command.ts";
import { tellAffected, type AffectedFlags } from "../journeys/tell-affected.ts";
import { affectedBase, type BaseQuestion } from "../wire/affected-base.ts";
import { findBase, type Base } from "../wire/base.ts";
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
    // Asked first, because git takes longer for it than all else takes.
    const listed = git.untrackedFiles().catch(() => null);
    const written = isWritten(flags.base, env) ? await askWritten(git, flags.base, env) : null;
    const view = heldView({ root, tasksFrom: flags["tasks-from"] });
    if (!view) return null;
    const { workspace } = view;
    const asked = written ?? (await askKnown(git, { root, workspace, env, base: null, head: null }));
    const { base } = asked;
    const [files, untracked] = await Promise.all([asked.files, listed]);
    if (base.kind === "missing" || !files || !untracked) return null;
    if (configurationIn(untracked).join("\0") !== view.untracked.join("\0")) return null;
    if (changedLockfile(workspace, files) !== undefined) return null;
    const changes = { files, lockfileBefore: null };
    const packages = affected(workspace, changes);
    return tellAffected({ base, changes, packages, warnings: [] }, workspace, {
      flags,
      outside: context,
      tasks: null,
    });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

interface Asked {
  readonly base: Base;
  /** Null: git has no answer, or the question is not one for here. */
  readonly files: Promise<readonly string[] | null>;
}

function isWritten(base: string | undefined, env: Context["env"]): boolean {
  return base !== undefined || Boolean(env["NX_BASE"] || env["TURBO_SCM_BASE"]);
}

/** What somebody wrote depends on nothing that the workspace says: git goes on while that is looked at. */
async function askWritten(git: GitRepository, base: string | undefined, env: Context["env"]): Promise<Asked> {
  const question = { git: trusting(git), env, base: base ?? null, head: null, baseBranch: null, ci: null };
  return withFiles(git, await findBase(question));
}

async function askKnown(git: GitRepository, question: BaseQuestion): Promise<Asked> {
  return withFiles(git, await affectedBase(git, question));
}

function withFiles(git: GitRepository, base: Base): Asked {
  const isCommit = base.kind === "known" && /^[0-9a-f]{40,64}$/.test(base.commit) && base.head === null;
  return {
    base,
    files: isCommit ? git.changedFiles(base.commit, null).catch(() => null) : Promise.resolve(null),
  };
}

/** What a name means is not asked apart from where it met HEAD: one that means nothing met it nowhere, and has no answer here. */
function trusting(git: GitRepository): GitRepository {
  return { ...git, commitOf: async (ref) => (ref.startsWith("-") ? null : ref) };
}
