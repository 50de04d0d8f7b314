import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openReleaseTags } from "../src/index.ts";

let folder: string;
let clone: string;
let commit: string;

function git(...args: string[]): string {
  return execFileSync("git", args, {
    cwd: clone,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-release-tags-"));
  clone = folder;
  git("init", "--quiet", "--bare", "origin.git");
  git("init", "--quiet", "clone");
  clone = join(folder, "clone");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message", "one");
  commit = git("rev-parse", "HEAD");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = { ...process.env, NPM_TOKEN: "secret", GIT_CONFIG_GLOBAL: "/dev/null" };

test("without a remote, tags are made here, annotated and at their commit, by an identity of its own", async () => {
  const tags = await openReleaseTags(clone, environment);
  expect(await tags.tags()).toEqual({});
  expect(await tags.push([{ name: "@scope/a@1.0.0", commit }])).toEqual({ outcome: "accepted" });
  expect(await tags.tags()).toEqual({ "@scope/a@1.0.0": commit });
  expect(git("cat-file", "-t", "refs/tags/@scope/a@1.0.0")).toBe("tag");
  expect(await tags.push([{ name: "@scope/a@1.0.0", commit }])).toEqual({ outcome: "accepted" });
});

test("with a remote all tags arrive or none, and no hook of the repository sees it", async () => {
  git("remote", "add", "origin", join(folder, "origin.git"));
  const ran = join(folder, "hook-ran");
  for (const hook of ["pre-push", "reference-transaction"]) {
    writeFileSync(join(clone, ".git/hooks", hook), `#!/bin/sh\nenv > ${ran}\nexit 1\n`);
    chmodSync(join(clone, ".git/hooks", hook), 0o755);
  }
  const tags = await openReleaseTags(clone, environment);
  expect(
    await tags.push([
      { name: "a@1.0.0", commit },
      { name: "b@1.0.0", commit },
    ]),
  ).toEqual({ outcome: "accepted" });
  expect(await tags.tags(["a@1.0.0", "c@1.0.0"])).toEqual({ "a@1.0.0": commit });
  expect(existsSync(ran)).toBe(false);
});

test("a remote that refuses one tag gets none, and says why", async () => {
  git("remote", "add", "origin", join(folder, "origin.git"));
  const hook = join(folder, "origin.git/hooks/update");
  writeFileSync(hook, '#!/bin/sh\ncase "$1" in *b@*) echo not this one; exit 1;; esac\n');
  chmodSync(hook, 0o755);
  const tags = await openReleaseTags(clone, environment);
  const answer = await tags.push([
    { name: "a@1.0.0", commit },
    { name: "b@1.0.0", commit },
  ]);
  expect(answer).toMatchObject({ outcome: "permanent", cause: "forbidden" });
  expect("message" in answer && answer.message).toMatch(
    /^origin does not take b@1\.0\.0: \[remote rejected\] \(hook declined\); it says: not this one/,
  );
  expect(await tags.tags()).toEqual({});
});

test("a remote that is away for a moment is no refusal, whatever the tags are called", async () => {
  git("remote", "add", "origin", join(folder, "origin.git"));
  const tags = await openReleaseTags(clone, environment);
  rmSync(join(folder, "origin.git"), { recursive: true });
  expect(await tags.push([{ name: "permission-denied@1.0.0", commit }])).toMatchObject({
    outcome: "unknown",
  });
});

test("a tag that stands elsewhere here is not moved", async () => {
  git("tag", "a@1.0.0");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message", "two");
  const tags = await openReleaseTags(clone, environment);
  const answer = await tags.push([{ name: "a@1.0.0", commit: git("rev-parse", "HEAD") }]);
  expect(answer).toMatchObject({ outcome: "permanent" });
  expect(git("rev-parse", "a@1.0.0^{commit}")).toBe(commit);
});
