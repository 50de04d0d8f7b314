import { expect, test } from "vitest";
import { trustDomainOf } from "../../src/wire/trust-domain.ts";

const job = (event: string, ref: string, isProtected: boolean): Record<string, string> => ({
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: event,
  GITHUB_REF: ref,
  GITHUB_REF_PROTECTED: String(isProtected),
});

test.each([
  [{}, "local"],
  [{ CI: "true" }, "local"],
  [job("push", "refs/heads/main", true), "protected"],
  [job("schedule", "refs/heads/main", true), "protected"],
  [job("push", "refs/heads/feature", false), "unprotected refs/heads/feature"],
  [job("pull_request", "refs/pull/7/merge", false), "pull-request refs/pull/7/merge"],
  [job("pull_request_target", "refs/heads/main", true), "pull-request refs/heads/main"],
  [job("workflow_run", "refs/heads/main", true), "pull-request refs/heads/main"],
  [job("issue_comment", "refs/heads/main", true), "pull-request refs/heads/main"],
  [{ ...job("push", "refs/heads/main", true), SLIPWAY_TRUST_DOMAIN: "mine" }, "mine"],
  [{ GITLAB_CI: "true", CI_COMMIT_REF_NAME: "main", CI_COMMIT_REF_PROTECTED: "true" }, "protected"],
  [{ GITLAB_CI: "true", CI_COMMIT_REF_PROTECTED: "true", CI_MERGE_REQUEST_IID: "3" }, "merge-request 3"],
])("the trust domain of %j is %s", (env, domain) => {
  expect(trustDomainOf(env)).toBe(domain);
});
