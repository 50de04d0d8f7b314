import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStagedNotes, type StagedNote } from "../src/index.ts";

let folder: string;

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function clone(name: string): string {
  const path = join(folder, name);
  git(folder, "init", "--quiet", path);
  git(path, "remote", "add", "origin", join(folder, "origin.git"));
  return path;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-staged-notes-"));
  git(folder, "init", "--quiet", "--bare", "origin.git");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function note(name: string, integrity: string): StagedNote {
  return { name, version: "1.1.0", integrity, mark: { release: "0123456789ab", commit: "c1" } };
}

test("what one machine wrote down another one reads and adds to, until the release has ended", async () => {
  const one = openStagedNotes(clone("one"), process.env);
  const other = openStagedNotes(clone("other"), process.env);
  expect(await other.read()).toEqual([]);
  const large = Array.from({ length: 2000 }, (_, at) => note(`@acme/p${at}`, `sha512-${"a".repeat(80)}`));
  expect(await one.add("r1", large)).toBe(true);
  expect(await other.add("r1", [note("@acme/p0", "sha512-other")])).toBe(true);
  expect(await one.add("r2", [note("b", "sha512-b")])).toBe(true);
  const all = await openStagedNotes(clone("third"), process.env).read();
  expect(all).toHaveLength(2002);
  expect(all).toContainEqual(note("@acme/p0", "sha512-other"));
  await one.remove("r1");
  expect(await other.read()).toEqual([note("b", "sha512-b")]);
});

test("a remote that takes no such ref, and none at all, are said and are no fault", async () => {
  const path = clone("one");
  git(path, "remote", "set-url", "origin", join(folder, "nowhere.git"));
  expect(await openStagedNotes(path, process.env).add("r1", [note("a", "sha512-a")])).toBe(false);
  git(path, "remote", "remove", "origin");
  expect(await openStagedNotes(path, process.env).add("r1", [note("a", "sha512-a")])).toBe(false);
  expect(await openStagedNotes(path, process.env).read()).toEqual([]);
});
