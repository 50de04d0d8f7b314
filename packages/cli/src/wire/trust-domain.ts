type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Who may use the results that this run stores. It is part of every key: what a pull request's job wrote is not found
 * by a job of a protected branch, on one runner's disk or in a shared cache. Read from what CI says of its job.
 */
export function trustDomainOf(env: Environment): string {
  if (env["SLIPWAY_TRUST_DOMAIN"]) return env["SLIPWAY_TRUST_DOMAIN"];
  if (env["GITHUB_ACTIONS"] === "true") return gitHubDomain(env);
  if (env["GITLAB_CI"] === "true") return gitLabDomain(env);
  return "local";
}

/** Source: docs.github.com, "Variables reference", default environment variables. */
function gitHubDomain(env: Environment): string {
  const ref = env["GITHUB_REF"] ?? "unknown";
  // The last three run for the base's ref, with code of the pull request checked out or not: nobody can tell.
  const foreign = ["pull_request", "pull_request_target", "workflow_run", "issue_comment"];
  const isForeign = foreign.includes(env["GITHUB_EVENT_NAME"] ?? "");
  if (isForeign) return `pull-request ${ref}`;
  return env["GITHUB_REF_PROTECTED"] === "true" ? "protected" : `unprotected ${ref}`;
}

/** Source: docs.gitlab.com/ci/variables/predefined_variables. */
function gitLabDomain(env: Environment): string {
  if (env["CI_MERGE_REQUEST_IID"]) return `merge-request ${env["CI_MERGE_REQUEST_IID"]}`;
  const ref = env["CI_COMMIT_REF_NAME"] ?? "unknown";
  return env["CI_COMMIT_REF_PROTECTED"] === "true" ? "protected" : `unprotected ${ref}`;
}
