import { isRecord } from "@slipway/kernel";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a CI system says that a change is compared with. */
export type CiBase =
  /** A pull or merge request: what it would change in its target branch. */
  | {
      readonly kind: "target";
      readonly provider: string;
      readonly branch: string;
      /** True: the checked out commit is the merge of the request into its target, so its first parent is the target. */
      readonly mergedHead: boolean;
      /** Commits that may stand for the target when its branch is not there, best first. */
      readonly commits: readonly string[];
    }
  /** A push or a merge queue: all since this commit. */
  | {
      readonly kind: "since";
      readonly provider: string;
      readonly event: string;
      readonly commit: string;
      /** The branch this is about; a push counts only on the base branch. */
      readonly branch: string | null;
    };

/**
 * Reads what the environment of a CI job says about the change under test. The base commit in a pull request's event is
 * not used: it is the target's tip when the event was made, and comparing with it would show what others did meanwhile.
 *
 * @param event the parsed file that GITHUB_EVENT_PATH names; null when there is none
 */
export function readCiBase(env: Environment, event: unknown): CiBase | null {
  if (env["GITHUB_ACTIONS"] === "true") return gitHubBase(env, event);
  if (env["GITLAB_CI"] === "true") return gitLabBase(env);
  for (const [provider, variable] of targetVariables) {
    const branch = env[variable]?.replace(/^refs\/heads\//, "");
    if (branch) return { kind: "target", provider, branch, mergedHead: false, commits: [] };
  }
  return null;
}

/** Variables that hold a request's target branch and are set for requests only. Sources: the providers' references. */
const targetVariables = [
  ["azure", "SYSTEM_PULLREQUEST_TARGETBRANCH"],
  ["bitbucket", "BITBUCKET_PR_DESTINATION_BRANCH"],
  ["buildkite", "BUILDKITE_PULL_REQUEST_BASE_BRANCH"],
  ["cirrus", "CIRRUS_BASE_BRANCH"],
  ["jenkins", "CHANGE_TARGET"],
  ["woodpecker", "CI_COMMIT_TARGET_BRANCH"],
] as const;

function gitHubBase(env: Environment, event: unknown): CiBase | null {
  const provider = "github";
  const name = env["GITHUB_EVENT_NAME"] ?? "";
  const target = env["GITHUB_BASE_REF"];
  if (target) {
    const mergedHead = /^refs\/pull\/\d+\/merge$/.test(env["GITHUB_REF"] ?? "");
    return { kind: "target", provider, branch: target, mergedHead, commits: [] };
  }
  if (name === "merge_group") {
    const commit = textAt(event, ["merge_group", "base_sha"]);
    return commit === null ? null : { kind: "since", provider, event: name, commit, branch: null };
  }
  const before = name === "push" ? textAt(event, ["before"]) : null;
  if (before === null || isNothing(before)) return null;
  return { kind: "since", provider, event: name, commit: before, branch: branchOf(env["GITHUB_REF"]) };
}

function gitLabBase(env: Environment): CiBase | null {
  const provider = "gitlab";
  const branch = env["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"];
  if (branch) {
    const commits = [env["CI_MERGE_REQUEST_TARGET_BRANCH_SHA"], env["CI_MERGE_REQUEST_DIFF_BASE_SHA"]];
    const known = commits.filter((commit): commit is string => Boolean(commit) && !isNothing(commit));
    return { kind: "target", provider, branch, mergedHead: false, commits: known };
  }
  const before = env["CI_COMMIT_BEFORE_SHA"];
  if (!before || isNothing(before)) return null;
  return { kind: "since", provider, event: "push", commit: before, branch: env["CI_COMMIT_BRANCH"] ?? null };
}

/** A push that created its branch has no commit before it; providers write zeros. */
function isNothing(commit: string | undefined): boolean {
  return commit === undefined || /^0*$/.test(commit);
}

function branchOf(ref: string | undefined): string | null {
  return ref?.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : null;
}

function textAt(value: unknown, path: readonly string[]): string | null {
  let at = value;
  for (const key of path) at = isRecord(at) ? at[key] : undefined;
  return typeof at === "string" ? at : null;
}
