import { expect, test } from "vitest";
import { ownDigest } from "../../src/hot/hot-request.ts";

const key = { digest: (text: string) => text };

test("what a job of one trust domain saw answers no job of another", () => {
  const job = { GITHUB_ACTIONS: "true", GITHUB_REF: "refs/heads/main", GITHUB_EVENT_NAME: "push" };
  const digests = [
    ownDigest(job, key),
    ownDigest({ ...job, GITHUB_REF_PROTECTED: "true" }, key),
    ownDigest({ ...job, GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/1/merge" }, key),
  ];
  expect(new Set(digests).size).toBe(3);
  expect(ownDigest({ ...job, GITHUB_RUN_ID: "7" }, key)).toBe(digests[0]);
});
