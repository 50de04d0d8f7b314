import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { reportError } from "../../src/report-error.ts";
import { testOutside } from "../outside.ts";
import { scratchRepository, type ScratchRepository } from "./scratch-repository.ts";

const manifest = (name: string, fields: object = {}): string =>
  `${JSON.stringify({ name, version: "1.0.0", ...fields }, null, 2)}\n`;
const changeset = (...lines: readonly string[]): string => `---\n${lines.join("\n")}\n---\n\nWords\n`;
const config = {
  $schema: "https://unpkg.com/@changesets/config@4.0.1/schema.json",
  baseBranch: "main",
  changedFilePatterns: ["src/**"],
};

let repository: ScratchRepository;

beforeAll(() => {
  repository = scratchRepository({
    "package.json": '{ "name": "root", "private": true }\n',
    "pnpm-workspace.yaml":
      "packages: [packages/*]\ncatalog:\n  react: ^18.0.0\ncatalogs:\n  old:\n    react: ^17.0.0\n",
    "packages/core/package.json": manifest("core", { dependencies: { ms: "^2.0.0" } }),
    "packages/core/src/index.js": "1;\n",
    "packages/web/package.json": manifest("web", {
      dependencies: { core: "workspace:^" },
      peerDependencies: { react: "catalog:" },
      devDependencies: { ms: "^2.0.0" },
    }),
    "packages/legacy/package.json": manifest("legacy", { dependencies: { react: "catalog:old" } }),
    "packages/site/package.json": manifest("site", { private: true, dependencies: { react: "catalog:" } }),
    ".changeset/config.json": JSON.stringify(config),
  });
});

afterAll(() => repository.remove());

beforeEach(() => {
  repository.git("checkout", "-q", "-f", "-B", "topic", "main");
  repository.git("clean", "-qfd");
});

async function check(dir = repository.dir, flags: readonly string[] = [], env: Record<string, string> = {}) {
  const outside = testOutside({
    cwd: dir,
    env: { PATH: process.env["PATH"], HOME: repository.home, ...env },
  });
  const argv = ["status", "--check", ...flags];
  const exit = await dispatch(argv, outside).catch((error: unknown) => reportError(error, argv, outside));
  return { exit, said: outside.stderr(), json: outside.stdout() };
}

describe("slipway status --check", () => {
  test("fails with the exact command when a package's own files changed, and never for its dependents", async () => {
    repository.commit({ "packages/core/src/index.js": "2;\n" });
    const { exit, said } = await check();
    expect(exit).toBe(1);
    expect(said).toContain("changed since main, without a changeset: core\n");
    expect(said).toContain('slipway change --package core --bump patch --message "…"');
  });

  test("passes when a changeset of the branch names what changed, and says so in JSON", async () => {
    repository.commit({
      "packages/core/src/index.js": "2;\n",
      ".changeset/a.md": changeset('"core": patch'),
    });
    const { exit, json } = await check(repository.dir, ["--json"]);
    expect([exit, JSON.parse(json)]).toMatchObject([0, { changed: ["core"], missing: [] }]);
  });

  test.each([
    [
      "a published range of its manifest",
      { "packages/core/package.json": manifest("core", { dependencies: { ms: "^2.1.0" } }) },
      ["core"],
    ],
    ["a dependency that is no longer there", { "packages/core/package.json": manifest("core") }, ["core"]],
    [
      "its entry of the default catalog, private packages left aside",
      {
        "pnpm-workspace.yaml":
          "packages: [packages/*]\ncatalog:\n  react: ^19.0.0\ncatalogs:\n  old:\n    react: ^17.0.0\n",
      },
      ["web"],
    ],
    [
      "its entry of a named catalog",
      {
        "pnpm-workspace.yaml":
          "packages: [packages/*]\ncatalog:\n  react: ^18.0.0\ncatalogs:\n  old:\n    react: ^16.0.0\n",
      },
      ["legacy"],
    ],
    [
      "nothing that is published: a catalog's comment, an entry that nobody uses",
      {
        "pnpm-workspace.yaml":
          "# new\npackages: [packages/*]\ncatalog:\n  react: ^18.0.0\n  vue: ^3.0.0\ncatalogs:\n  old:\n    react: ^17.0.0\n",
      },
      [],
    ],
    [
      "a range that only development uses, outside of the patterns",
      {
        "packages/web/package.json": manifest("web", {
          dependencies: { core: "workspace:^" },
          peerDependencies: { react: "catalog:" },
          devDependencies: { ms: "^2.2.0" },
        }),
      },
      [],
    ],
    ["a file outside of the patterns", { "packages/core/README.md": "# core\n" }, []],
    ["a private package", { "packages/site/src/page.js": "1;\n" }, []],
  ])("counts %s", async (_, files, expected) => {
    repository.commit(files);
    const { exit, json } = await check(repository.dir, ["--json"]);
    expect(JSON.parse(json)).toMatchObject({ missing: expected });
    expect(exit).toBe(expected.length === 0 ? 0 : 1);
  });

  test("passes with an empty changeset", async () => {
    repository.commit({ "packages/core/src/index.js": "2;\n", ".changeset/none.md": changeset() });
    expect((await check()).exit).toBe(0);
  });

  test("passes on the branch that gives the versions, and not on one that only throws a changeset away", async () => {
    repository.commit({ ".changeset/a.md": changeset('"core": minor') });
    repository.git("branch", "-f", "base");
    repository.commit({ ".changeset/a.md": null, "packages/core/src/index.js": "2;\n" });
    expect((await check(repository.dir, ["--since", "base"])).exit).toBe(1);
    repository.git("reset", "-q", "--hard", "base");
    const outside = testOutside({
      cwd: repository.dir,
      env: { PATH: process.env["PATH"], HOME: repository.home },
    });
    expect(await dispatch(["version"], outside)).toBe(0);
    repository.commit();
    expect((await check(repository.dir, ["--since", "base"])).exit).toBe(0);
  });

  test("lets pass who opened the pull request, and not whoever a commit says it is from", async () => {
    repository.layOut({ "packages/core/src/index.js": "2;\n" });
    repository.git("add", "-A");
    repository.git("commit", "-q", "-m", "bump", "--author", "renovate[bot] <bot@example.com>");
    const event = join(repository.home, "event.json");
    const opened = (login: string) =>
      writeFileSync(event, JSON.stringify({ pull_request: { user: { login } } }));
    const flags = ["--allow-author", "renovate[bot]"];
    expect((await check(repository.dir, flags)).exit).toBe(0);
    opened("somebody");
    expect(
      (await check(repository.dir, flags, { GITHUB_EVENT_PATH: event, GITHUB_ACTOR: "renovate[bot]" })).exit,
    ).toBe(1);
    opened("renovate[bot]");
    expect((await check(repository.dir, flags, { GITHUB_EVENT_PATH: event })).exit).toBe(0);
  });

  test("in a shallow clone it says which command brings the history, and after that command it knows", async () => {
    repository.commit({ "packages/core/src/index.js": "2;\n" });
    const shallow = join(repository.home, "shallow");
    execFileSync("git", ["clone", "-q", "--depth", "1", "-b", "topic", `file://${repository.dir}`, shallow]);
    const { exit, said } = await check(shallow);
    expect(exit).toBe(2);
    expect(said).toContain("git/missing-history");
    const [, fetch = ""] = /`(git fetch [^`]+)`/.exec(said) ?? [];
    execFileSync("sh", ["-c", `${fetch} -q`], { cwd: shallow, stdio: "ignore" });
    expect(await check(shallow)).toMatchObject({
      exit: 1,
      said: expect.stringContaining("without a changeset: core") as string,
    });
  });
});
