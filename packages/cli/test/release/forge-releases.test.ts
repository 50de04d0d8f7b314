import { readReleaseSettings, type ForgeReleaseSources, type ReleaseSettings } from "@slipway/plan";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeReleases } from "../../../forge/test/fake-releases.ts";
import { releaseOnForge, type ForgeEnd } from "../../src/journeys/release/forge-releases.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-forge-"));
  write("package.json", { name: "root", private: true, workspaces: ["packages/*"] });
  for (const name of ["kit", "app", "next"])
    write(`packages/${name}/package.json`, { name, version: "1.0.0" });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: unknown): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify(content));
}

const read = readReleaseSettings(null);
if (!read.ok) throw new Error("no settings are settings");
const defaults = read.value;

const commit = "c".repeat(40);

const sources: ForgeReleaseSources = {
  commit,
  batchTag: "release-0123456789ab",
  tags: [
    { name: "kit@1.2.0", package: "kit", version: "1.2.0", commit, distTag: "latest" },
    { name: "app@2.0.0", package: "app", version: "2.0.0", commit, distTag: "latest" },
    { name: "next@3.0.0-beta.1", package: "next", version: "3.0.0-beta.1", commit, distTag: "beta" },
  ],
};

const gitHubActions = { GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/all", GITHUB_TOKEN: "secret" };

interface Setting {
  readonly settings?: Partial<ReleaseSettings>;
  readonly env?: Readonly<Record<string, string>>;
  readonly journal?: string;
}

async function run(
  forge: FakeReleases,
  { settings = {}, env = gitHubActions, journal }: Setting = {},
): Promise<ForgeEnd & { readonly said: readonly string[]; readonly waits: readonly number[] }> {
  const said: string[] = [];
  const waits: number[] = [];
  const end = await releaseOnForge(() => Promise.resolve(sources), {
    ground: {
      root,
      settings: { ...defaults, ...settings },
      textAt: (at, path) =>
        Promise.resolve(
          at === commit && path === "packages/app/CHANGELOG.md"
            ? "# app\n\n## 2.0.0\n\n### Major Changes\n\n- abc: new world\n\n## 1.0.0\n\nold\n"
            : null,
        ),
    },
    request: {
      env,
      signal: new AbortController().signal,
      forge: { transport: forge.handle, wait: (ms) => Promise.resolve(void waits.push(ms)) },
    },
    tell: (story) => void (story.type === "note" && said.push(story.text)),
    journal: journal ?? null,
  });
  return { ...end, said, waits };
}

const allTags = ["kit@1.2.0", "next@3.0.0-beta.1", "app@2.0.0"];

describe("releases on a forge", () => {
  test("every tag gets one, with its changelog's words; one of them is the latest, and prereleases are marked", async () => {
    const forge = new FakeReleases("github");
    expect(await run(forge)).toMatchObject({ failures: [], isOver: true });
    expect(forge.made).toEqual([
      { tag: "kit@1.2.0", body: "", prerelease: false, make_latest: "false" },
      { tag: "next@3.0.0-beta.1", body: "", prerelease: true, make_latest: "false" },
      {
        tag: "app@2.0.0",
        body: "### Major Changes\n\n- abc: new world",
        prerelease: false,
        make_latest: "true",
      },
    ]);
  });

  test("run again, it asks once and makes nothing", async () => {
    const forge = new FakeReleases("github");
    await run(forge);
    forge.requests.length = 0;
    await run(forge);
    expect(forge.requests).toEqual(["GET /repos/acme/all/releases Bearer secret"]);
  });

  test("the policy names the latest; a prerelease never is", async () => {
    const latest = async (forgeLatest: string): Promise<readonly string[]> => {
      const forge = new FakeReleases("github");
      await run(forge, { settings: { forgeLatest } });
      return forge.made.flatMap(({ tag, make_latest }) => (make_latest === "true" ? [tag] : []));
    };
    expect(await latest("kit")).toEqual(["kit@1.2.0"]);
    expect(await latest("next")).toEqual([]);
    expect(await latest("elsewhere")).toEqual([]);
  });

  test("a batch gets one release on its own tag, which tells of every package", async () => {
    const forge = new FakeReleases("github");
    await run(forge, { settings: { forgeReleases: "batch" } });
    const [made, ...others] = forge.made;
    expect(others).toEqual([]);
    expect(made).toMatchObject({ tag: "release-0123456789ab", prerelease: false, make_latest: "true" });
    expect(made?.body).toContain(
      "## app@2.0.0\n\n### Major Changes\n\n- abc: new world\n\n## next@3.0.0-beta.1",
    );
  });

  test("GitLab takes a job's own token, and the latest comes last", async () => {
    const forge = new FakeReleases("gitlab");
    const env = { GITLAB_CI: "true", CI_API_V4_URL: "https://gitlab.test/api/v4", CI_PROJECT_ID: "77" };
    expect(await run(forge, { env: { ...env, CI_JOB_TOKEN: "job" } })).toMatchObject({ failures: [] });
    expect(forge.requests[0]).toBe("GET /api/v4/projects/77/releases job");
    expect(forge.made.map(({ tag }) => tag)).toEqual(allTags);
  });
});

describe("faults of a forge", () => {
  test.for([
    ["a lost reply", "lost", 500],
    ["a 429 with a wait", new Response("", { status: 429, headers: { "retry-after": "7" } }), 7000],
    [
      "a secondary rate limit",
      new Response('{"message":"You have exceeded a secondary rate limit"}', { status: 403 }),
      60_000,
    ],
    ["a 500", new Response("", { status: 500 }), 500],
  ] as const)("%s is waited out; nothing is made twice", async ([, fault, waitMs]) => {
    for (const kind of ["github", "gitlab"] as const) {
      const forge = new FakeReleases(kind);
      forge.faults.push(null, fault instanceof Response ? fault.clone() : fault);
      const env =
        kind === "github"
          ? gitHubActions
          : { GITLAB_CI: "true", CI_API_V4_URL: "https://x.test", CI_PROJECT_ID: "1", CI_JOB_TOKEN: "job" };
      const { failures, waits } = await run(forge, { env });
      expect(failures).toEqual([]);
      expect(waits).toEqual([waitMs]);
      expect(forge.made.map(({ tag }) => tag)).toEqual(allTags);
    }
  });

  test("half of them made is a failure that the next run ends, and the journal knows of it", async () => {
    const forge = new FakeReleases("github");
    const down = (): Response => new Response("", { status: 502 });
    forge.faults.push(null, down(), down(), down(), down());
    const journal = join(root, "journal.jsonl");
    const first = await run(forge, { journal });
    expect(first).toMatchObject({ isOver: false, failures: [{ outcome: "retryable" }] });
    expect(forge.made.map(({ tag }) => tag)).toEqual(["kit@1.2.0"]);
    expect(await run(forge, { journal })).toMatchObject({ isOver: true, failures: [] });
    expect(forge.made.map(({ tag }) => tag)).toEqual(allTags);
    const types = readFileSync(journal, "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual([
      "intent",
      "forge-release",
      "intent",
      "intent",
      "forge-release",
      "intent",
      "forge-release",
    ]);
  });

  test("a token without rights fails for good, and says which right is missing", async () => {
    const forge = new FakeReleases("github");
    forge.faults.push(new Response('{"message":"Resource not accessible by integration"}', { status: 403 }));
    const { failures, isOver } = await run(forge);
    expect(isOver).toBe(true);
    expect(failures).toMatchObject([{ outcome: "permanent" }]);
    expect(failures[0]?.hint).toContain("contents: write");
    expect(failures[0]?.hint).not.toContain("pull request");
  });

  test("no token is a note; no forge, changesets/action and `none` are nothing", async () => {
    const forge = new FakeReleases("github");
    const { GITHUB_TOKEN: _, ...without } = gitHubActions;
    const { said, failures } = await run(forge, { env: without });
    expect(failures).toEqual([]);
    expect(said).toEqual(["no releases on https://api.github.com: GITHUB_TOKEN is not set"]);
    await run(forge, { env: { GITHUB_TOKEN: "secret" } });
    await run(forge, { env: { ...gitHubActions, CHANGESETS_OUTPUT: "/tmp/out" } });
    await run(forge, { env: { ...gitHubActions, INPUT_CREATEGITHUBRELEASES: "true" } });
    await run(forge, { settings: { forgeReleases: "none" } });
    expect(forge.requests).toEqual([]);
  });
});
