import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { missingPty, onPty, type PtyRun } from "./pty.ts";
import { screen } from "./screen.ts";

const missing = missingPty();
const main = join(import.meta.dirname, "../src/start.ts");
const slipway = `"${process.execPath}" --conditions=source "${main}"`;
/** Ends neither by Ctrl-C nor by `kill`, and neither does what it has started. */
const deaf =
  "trap '' INT TERM; (trap '' INT TERM; while :; do sleep 4321; done) & while :; do sleep 4321; done";
const ESCAPE = "\u001B";

let cwd = "";
let terminal: PtyRun | null = null;
beforeEach(({ skip }) => {
  if (missing !== null) skip(missing);
  cwd = mkdtempSync(join(tmpdir(), "slipway-pty-"));
  const build = (name: string, script: string) =>
    JSON.stringify({
      name,
      version: "1.0.0",
      scripts: { build: script, serve: "echo serving; sleep 7654", deaf },
    });
  // A task waits for a file, so that a test decides how long it runs.
  const files = {
    "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["*"] }),
    "turbo.json": JSON.stringify({
      tasks: { build: { cache: false }, serve: { cache: false }, deaf: { cache: false } },
    }),
    "a/package.json": build("a", "echo said by a; until [ -e ../go ]; do sleep 0.05; done"),
    "b/package.json": build(
      "a-package-with-a-name-that-is-longer-than-a-narrow-window",
      "until [ -e ../go ]; do sleep 0.05; done",
    ),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
});
afterEach(async () => {
  terminal?.hangUp();
  await terminal?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

function run(words: string, columns: number, env: Record<string, string> = {}): PtyRun {
  const own = { PATH: process.env["PATH"] ?? "", HOME: cwd, SLIPWAY_CACHE_DIR: join(cwd, "cache") };
  terminal = onPty(`${slipway} ${words}`, { cwd, columns, env: { ...own, ...env } });
  return terminal;
}

function go(): void {
  writeFileSync(join(cwd, "go"), "");
}

/** What a terminal of that width shows in the end. */
function finalScreen(text: string, columns: number): string[] {
  const shown = screen(columns, 24);
  shown.draw(text);
  return shown.lines().map((line) => stripVTControlCharacters(line).replaceAll(/\d+(\.\d+)? m?s/g, "<time>"));
}

describe("on a terminal", () => {
  test("a block shows what runs, and only the account stays", async () => {
    const pty = run("run build", 120);
    await pty.shows("a#build");
    await pty.shows("0/2 done");
    go();
    expect(await pty.ended).toBe(0);
    expect(finalScreen(pty.written(), 120).toSorted()).toEqual([
      "2 tasks: 2 ok; <time>",
      "said by a",
      "✓ a#build <time>",
      "✓ a-package-with-a-name-that-is-longer-than-a-narrow-window#build <time>",
    ]);
  });

  test.each([40, 20])(
    "no line of the block is wider than a window of %i columns, also after it became so narrow",
    async (columns) => {
      const pty = run("run build", 100);
      await pty.shows("0/2 done");
      const before = pty.written().length;
      pty.resize(columns);
      await expect.poll(() => framesOf(pty.written().slice(before)).length).toBeGreaterThan(3);
      go();
      expect(await pty.ended).toBe(0);
      // The first frame may have been drawn before the news came.
      const frames = framesOf(pty.written().slice(before)).slice(1);
      for (const line of frames.flat()) expect(line.length, line).toBeLessThan(columns);
    },
  );

  test("what is summed up fits into a window of 40 columns: names are cut, times are not", async () => {
    const pty = run("run build --summary", 40);
    go();
    expect(await pty.ended).toBe(0);
    const lines = stripVTControlCharacters(pty.written()).split(/\r?\n/);
    const summary = lines.slice(lines.indexOf("Slowest") + 1).filter((line) => line.startsWith("  "));
    expect(summary.length).toBeGreaterThanOrEqual(2);
    for (const line of summary) expect(line.length, line).toBeLessThanOrEqual(40);
    expect(summary.find((line) => line.includes("a-package"))).toMatch(
      /^ {2}a-package-with-a-\S+… {2}\d.* m?s$/,
    );
  });

  test("a dumb terminal gets plain lines", async () => {
    const pty = run("run build", 80, { TERM: "dumb" });
    go();
    expect(await pty.ended).toBe(0);
    expect(pty.written()).not.toContain(ESCAPE);
    expect(pty.written()).toContain("✓ a#build");
  });

  test("NO_COLOR takes the colours and leaves the block", async () => {
    const pty = run("run build", 80, { NO_COLOR: "1" });
    await pty.shows("0/2 done");
    go();
    expect(await pty.ended).toBe(0);
    expect(pty.written()).toContain(`${ESCAPE}[J`);
    expect(pty.written()).not.toMatch(new RegExp(`${ESCAPE}\\[[0-9;]*m`));
  });

  test("CI on a terminal gets plain lines", async () => {
    const pty = run("run build", 80, { CI: "true" });
    go();
    expect(await pty.ended).toBe(0);
    expect(pty.written()).not.toContain(`${ESCAPE}[J`);
  });

  test("Ctrl-C ends the whole tree and leaves the terminal whole", async () => {
    const pty = run("run serve", 80);
    await pty.shows("a#serve");
    pty.type("\u0003");
    expect(await pty.ended).toBe(130);
    const last = finalScreen(pty.written(), 80).at(-1);
    expect(last).toContain("interrupted:");
    const left = execFileSync("sh", ["-c", `pgrep -f "sleep 765[4]" || true`], { encoding: "utf8" });
    expect(left).toBe("");
  });

  test("Ctrl-\\ ends this process at once, and the whole tree with it", async () => {
    const env = { PATH: process.env["PATH"], HOME: cwd, SLIPWAY_CACHE_DIR: join(cwd, "cache") };
    const child = spawn("sh", ["-c", `exec ${slipway} run serve --filter a`], { cwd, env });
    await once(child.stdout, "data");
    child.kill("SIGQUIT");
    expect(await once(child, "exit")).toEqual([130, null]);
    const left = execFileSync("sh", ["-c", `pgrep -f "sleep 765[4]" || true`], { encoding: "utf8" });
    expect(left).toBe("");
  });

  test("what does not heed Ctrl-C is said to be waited for, and the second one kills all of it at once", async () => {
    const pty = run("run deaf --filter a", 80);
    await pty.shows("a#deaf");
    pty.type("\u0003");
    await pty.shows("stopping: a#deaf asked to end; once more kills");
    pty.type("\u0003");
    expect(await pty.ended).toBe(130);
    const left = execFileSync("sh", ["-c", `pgrep -f "sleep 432[1]" || true`], { encoding: "utf8" });
    expect(left).toBe("");
    // The cursor is shown, and no colour is left on.
    expect(pty.written()).not.toContain(`${ESCAPE}[?25l`);
    // Fails when anything in the store is not whole.
    execFileSync(process.execPath, ["--conditions=source", main, "cache", "verify"], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd, SLIPWAY_CACHE_DIR: join(cwd, "cache") },
      stdio: "ignore",
    });
  });
});

/** The lines of each frame that was drawn and erased again. */
function framesOf(text: string): string[][] {
  const parts = text.split(`${ESCAPE}[J`).slice(1, -1);
  return parts.map((part) =>
    stripVTControlCharacters(part)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("✓")),
  );
}
