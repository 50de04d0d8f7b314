import { repositoryAt, type GitRepository } from "@slipway/host/hot";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { affected, changedLockfile } from "@slipway/workspace";
import type { Context } from "../command.ts";
import { tellAffected, type AffectedFlags } from "../journeys/tell-affected.ts";
import { affectedBase } from "../wire/affected-base.ts";
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
  // Asked first, because git takes longer for it than all else takes.
  const listed = git.untrackedFiles().catch(() => null);
  const view = heldView({ root, tasksFrom: flags["tasks-from"] });
  if (!view) return null;
  const { workspace } = view;
  try {
    const base = await affectedBase(isWritten(flags.base, env) ? trusting(git) : git, {
      root,
      workspace,
      env,
      base: flags.base ?? null,
      head: null,
    });
    if (base.kind === "missing" || !/^[0-9a-f]{40,64}$/.test(base.commit) || base.head !== null) return null;
    const files = await git.changedFiles(base.commit, null);
    const untracked = await listed;
    if (!untracked || configurationIn(untracked).join("\0") !== view.untracked.join("\0")) return null;
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

function isWritten(base: string | undefined, env: Context["env"]): boolean {
  return (base ?? (env["NX_BASE"] || env["TURBO_SCM_BASE"])) !== undefined;
}

/** What a name means is not asked apart from where it met HEAD: one that means nothing met it nowhere, and has no answer here. */
function trusting(git: GitRepository): GitRepository {
  return { ...git, commitOf: async (ref) => (ref.startsWith("-") ? null : ref) };
}
