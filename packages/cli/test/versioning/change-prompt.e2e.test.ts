import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { missingPty, onPty, type PtyRun } from "../pty.ts";

const missing = missingPty();
const main = join(import.meta.dirname, "../../src/start.ts");
const ENTER = "\r";

let cwd = "";
let terminal: PtyRun | null = null;
beforeEach(({ skip }) => {
  if (missing !== null) skip(missing);
  cwd = mkdtempSync(join(tmpdir(), "slipway-change-"));
  write({
    "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }),
    "packages/core/package.json": JSON.stringify({ name: "core", version: "1.0.0" }),
    "packages/web/package.json": JSON.stringify({
      name: "web",
      version: "1.0.0",
      dependencies: { core: "1.0.0" },
    }),
    "packages/core/index.js": "",
  });
  git("init", "-q", "-b", "main");
  commit("start");
  git("checkout", "-q", "-b", "mine");
  write({ "packages/core/index.js": "// better", "packages/web/test/a.js": "// a test" });
  commit("feat(core): be better (#12)");
});
afterEach(async () => {
  terminal?.hangUp();
  await terminal?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
}

function git(...args: string[]): void {
  const who = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
  execFileSync("git", [...who, ...args], { cwd, stdio: "ignore" });
}

function commit(message: string): void {
  git("add", "-A");
  git("commit", "-q", "-m", message);
}

function change(): PtyRun {
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GIT_CONFIG_GLOBAL: "/dev/null" };
  terminal = onPty(`"${process.execPath}" --conditions=source "${main}" change`, { cwd, columns: 100, env });
  return terminal;
}

function written(): string {
  const [file = ""] = readdirSync(join(cwd, ".changeset"));
  return readFileSync(join(cwd, ".changeset", file), "utf8");
}

describe("on a terminal, slipway change", () => {
  test("knows the package, who follows it, its bump and the words: one Enter writes them", async () => {
    const pty = change();
    await pty.shows("Write it?");
    expect(pty.written()).toContain("packages/core/index.js");
    expect(pty.written()).toContain("web patch: core becomes 1.1.0, out of its range 1.0.0");
    pty.type(ENTER);
    expect(await pty.ended).toBe(0);
    expect(written()).toBe('---\n"core": minor\n---\n\nBe better\n');
  });
});
