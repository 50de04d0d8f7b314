import type { GitRepository } from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import type { Workspace } from "@slipway/workspace";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findBase, type Base } from "./base.ts";
import { readCiBase } from "./ci-base.ts";

export interface BaseQuestion {
  /** Absolute. */
  readonly root: string;
  readonly workspace: { readonly tasks: Pick<Workspace["tasks"], "baseBranch"> };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly base: string | null;
  readonly head: string | null;
}

/**
 * What a change is compared with, by what was typed, by the environment, and by what the repository says.
 *
 * @throws UserError git/unknown-ref
 */
export async function affectedBase(git: GitRepository, question: BaseQuestion): Promise<Base> {
  const { root, workspace, env, base, head } = question;
  return findBase({
    git,
    env,
    base,
    head,
    baseBranch: workspace.tasks.baseBranch ?? configuredBaseBranch(root),
    ci: readCiBase(env, jsonFile(env["GITHUB_EVENT_PATH"])),
  });
}

/** nx and Changesets both let a repository name its base branch; a file that cannot be read names none here. */
function configuredBaseBranch(root: string): string | null {
  const nx = jsonFile(join(root, "nx.json"));
  if (isRecord(nx)) {
    const inAffected = isRecord(nx["affected"]) ? nx["affected"]["defaultBase"] : undefined;
    const named = nx["defaultBase"] ?? inAffected;
    if (typeof named === "string") return named;
  }
  const changesets = jsonFile(join(root, ".changeset", "config.json"));
  const named = isRecord(changesets) ? changesets["baseBranch"] : undefined;
  return typeof named === "string" ? named : null;
}

function jsonFile(path: string | undefined): unknown {
  if (!path) return null;
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return value;
  } catch {
    return null;
  }
}
