import { findGitDirs, openRepository, readText } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import { maintenanceBranch, type MaintenanceBranch } from "@slipway/plan";
import { readCiBase } from "./ci-base.ts";
import type { LoadedVersioning } from "./load-versioning.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The rules of the branch that is checked out, or that a pull request would change; null: none hold. */
export async function maintenanceBranchOf(
  versioning: LoadedVersioning,
  env: Environment,
): Promise<MaintenanceBranch | null> {
  const { ownSettings, input, root } = versioning;
  const branch = (await branchOf(root, env))?.replace(/^changeset-release\//, "") ?? null;
  return maintenanceBranch(branch, ownSettings.branches ?? {}, input.settings.baseBranch);
}

/**
 * The dist-tag that a release moves: on a maintenance branch that branch's own, unless another one is asked for.
 *
 * @returns null: each package's usual one
 * @throws UserError `version/beyond-branch` when a maintenance branch would move `latest`
 */
export async function releaseChannel(
  versioning: LoadedVersioning,
  { channel, env }: { readonly channel: string | null; readonly env: Environment },
): Promise<string | null> {
  const maintenance = await maintenanceBranchOf(versioning, env);
  if (maintenance === null) return channel;
  if (channel !== "latest") return channel ?? maintenance.distTag;
  throw new UserError(
    "version/beyond-branch",
    `the maintenance branch ${maintenance.branch} can't move latest`,
    {
      hint: `leave out --channel: what is released from here gets the dist-tag ${maintenance.distTag}`,
    },
  );
}

async function branchOf(root: string, env: Environment): Promise<string | null> {
  const ci = readCiBase(env, null);
  if (ci?.kind === "target") return ci.branch;
  const dirs = findGitDirs(root);
  if (dirs === null) return null;
  const current = await currentBranch(dirs.gitDir, root, env);
  if (current !== null) return current;
  const pushed = /^refs\/heads\/(.+)$/.exec(env["GITHUB_REF"] ?? "")?.[1];
  return pushed ?? env["CI_COMMIT_BRANCH"] ?? null;
}

/** Read from git's own file, where asking git would start two processes; a repository of reftables has a stand-in there. */
async function currentBranch(gitDir: string, root: string, env: Environment): Promise<string | null> {
  const head = (await readText(`${gitDir}/HEAD`)) ?? "";
  if (/^[0-9a-f]{40,64}\s*$/.test(head)) return null;
  const branch = /^ref: refs\/heads\/(.+?)\s*$/.exec(head)?.[1];
  if (branch !== undefined && branch !== ".invalid") return branch;
  return (await openRepository(root, env)).symbolicRef("HEAD");
}
