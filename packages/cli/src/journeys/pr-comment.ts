import type { ExitStatus } from "@slipway/kernel";
import { planVersions } from "@slipway/plan";
import type { Outside } from "../command.ts";
import { prComment, type PrCommentFacts } from "../report/pr-comment.ts";
import { changesetName } from "../wire/changeset-name.ts";
import { loadVersioning } from "../wire/load-versioning.ts";
import { changedPackages, missingFrom } from "./changed-packages.ts";

/** `slipway pr-comment`: what a pull request would release, and what it leaves untold, as Markdown. */
export async function writePrComment(
  asked: { readonly base: string | undefined },
  outside: Outside,
): Promise<ExitStatus> {
  const versioning = await loadVersioning(outside.cwd);
  const changed = await changedPackages(versioning, { env: outside.env, base: asked.base ?? null });
  const added = new Set(changed.changesets);
  const changesets = versioning.input.changesets.filter(({ id }) => added.has(id));
  const { bumps } = await planVersions({ ...versioning.input, changesets });
  const missing = missingFrom(changed, versioning);
  const fileName = changesetName();
  outside.answer(prComment({ bumps, missing, added: [...added], newFile: newFileIn(outside.env), fileName }));
  return 0;
}

/** GitHub can open an editor on a new file of a branch of this repository; a fork's branch is not ours to name. */
function newFileIn(env: Outside["env"]): PrCommentFacts["newFile"] {
  const { GITHUB_REPOSITORY: repository, GITHUB_HEAD_REF: branch, GITHUB_SERVER_URL: server } = env;
  if (!repository || !branch || !server || !/^[\w.-]+\/[\w.-]+$/.test(repository)) return null;
  return { repository, branch, server };
}
