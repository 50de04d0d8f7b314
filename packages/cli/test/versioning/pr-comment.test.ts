import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeGitHub } from "../../../forge/test/fake-github.ts";
import { FakeGitLab } from "../../../forge/test/fake-gitlab.ts";
import { gitStore } from "../../../forge/test/git-store.ts";
import { writePrComment, type PrCommentFlags } from "../../src/journeys/pr-comment.ts";
import { testOutside } from "../outside.ts";
import { scratchRepository, type ScratchRepository } from "./scratch-repository.ts";

let repository: ScratchRepository;
let forge: FakeGitHub;
let event = "";

beforeAll(() => {
  repository = scratchRepository({
    "package.json": '{ "name": "root", "private": true, "workspaces": ["packages/*"] }\n',
    "packages/core/package.json": '{ "name": "core", "version": "1.0.0" }\n',
    ".changeset/config.json": '{ "baseBranch": "main" }\n',
  });
  event = join(repository.home, "event.json");
  repository.git("checkout", "-q", "-b", "topic");
  repository.commit({ "packages/core/index.js": "1;\n" });
});

afterAll(() => repository.remove());

beforeEach(() => {
  repository.git("checkout", "-q", "topic");
  forge = new FakeGitHub(gitStore(repository.dir), { repository: "it/mono", token: "t0ken" });
});

const onGitHub = { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "it/mono", GITHUB_TOKEN: "t0ken" };

async function comment(
  flags: Partial<PrCommentFlags>,
  about: object = {},
  on: { readonly env: Record<string, string>; readonly transport: FakeGitHub["handle"] } = {
    env: onGitHub,
    transport: forge.handle,
  },
) {
  writeFileSync(event, JSON.stringify(about));
  const outside = testOutside({
    cwd: repository.dir,
    env: { PATH: process.env["PATH"], HOME: repository.home, GITHUB_EVENT_PATH: event, ...on.env },
  });
  const whole = { base: "main", from: undefined, json: false, post: true, ...flags };
  await writePrComment(whole, outside, { forge: { transport: on.transport, wait: async () => undefined } });
  return outside;
}

const pullRequest = { pull_request: { number: 7, head: { ref: "topic", repo: { full_name: "it/mono" } } } };

describe("slipway pr-comment --post", () => {
  test("writes one comment, leaves it when nothing is new, and edits it when something is", async () => {
    await comment({}, pullRequest);
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.body).toContain(
      "[Write one here](https://github.com/it/mono/new/topic?filename=",
    );
    expect((await comment({}, pullRequest)).stderr()).toContain("up to date");
    repository.git("checkout", "-q", "--detach");
    repository.commit({ ".changeset/a.md": '---\n"core": minor\n---\n\nWords\n' });
    await comment({}, pullRequest);
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.body).toContain("### Changeset found");
  });

  test("names what the maintenance branch of the request may not release", async () => {
    repository.git("checkout", "-q", "--detach");
    repository.commit({ ".changeset/a.md": '---\n"core": major\n---\n\nWords\n' });
    const env = { ...onGitHub, GITHUB_BASE_REF: "1.x" };
    await comment({}, pullRequest, { env, transport: forge.handle });
    expect(forge.comments[0]?.body).toContain(
      "- `core would go from 1.0.0 to 2.0.0, and the branch 1.x releases 1.x only`",
    );
  });

  test("is silent beside changeset-bot and beside the comment of changesets/action", async () => {
    for (const [login, body] of [
      ["changeset-bot[bot]", "### No changeset"],
      ["github-actions[bot]", "<!-- changesets-action-pr-comment -->"],
    ] as const) {
      forge.comments.splice(0, 1, { id: 1, pull: 7, login, body });
      expect((await comment({}, pullRequest)).stderr()).toContain("silent");
      expect(forge.comments).toHaveLength(1);
    }
  });

  test("a person's comment neither silences it nor is taken for its own", async () => {
    forge.comments.push(
      { id: 1, pull: 7, login: "somebody", body: "<!-- changesets-action-pr-comment -->" },
      { id: 2, pull: 7, login: "github-actions[bot]", body: "<!-- slipway: changesets -->\nold" },
    );
    await comment({}, pullRequest);
    expect(forge.comments.map(({ body }) => body.includes("No changeset yet"))).toEqual([false, true]);
  });

  test("for a fork, the facts of one job are posted by another, which finds the request by its newest commit", async () => {
    const facts = join(repository.home, "facts.json");
    writeFileSync(facts, (await comment({ json: true, post: false }, pullRequest)).stdout());
    const head = { ref: "topic", owner: "somebody", sha: "c0ffee" };
    forge.pulls.push({ number: 7, title: "", body: "", head, base: "main" });
    const run = {
      head_sha: "c0ffee",
      head_branch: "topic",
      head_repository: { full_name: "somebody/mono", owner: { login: "somebody" } },
    };
    await comment({ from: facts }, { workflow_run: run });
    expect(forge.comments[0]).toMatchObject({
      pull: 7,
      body: expect.stringContaining("https://github.com/somebody/mono/new/topic?") as string,
    });
    expect(
      (await comment({ from: facts }, { workflow_run: { ...run, head_sha: "older" } })).stderr(),
    ).toContain("nothing to comment on");
    expect(
      (await comment({ from: join(repository.home, "none.json") }, { workflow_run: run })).stderr(),
    ).toContain("nothing to say");
  });

  test("on GitLab it is a note on the merge request", async () => {
    const gitLab = new FakeGitLab(gitStore(repository.dir), "t0ken");
    const env = {
      GITLAB_CI: "true",
      CI_API_V4_URL: "https://gitlab.test/api/v4",
      CI_PROJECT_ID: "77",
      CI_MERGE_REQUEST_IID: "3",
      GITLAB_TOKEN: "t0ken",
    };
    await comment({}, {}, { env, transport: gitLab.handle });
    await comment({}, {}, { env, transport: gitLab.handle });
    expect(gitLab.notes).toMatchObject([
      { request: 3, body: expect.stringContaining("No changeset yet") as string },
    ]);
  });
});
