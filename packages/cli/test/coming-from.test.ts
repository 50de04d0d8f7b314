import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { reportError } from "../src/report-error.ts";
import { testOutside } from "./outside.ts";

const pages = [
  { page: "coming-from-turbo.md", fixture: "two-packages", changed: "packages/core/src/index.js" },
  { page: "coming-from-nx.md", fixture: "nx-three", changed: "core/package.json" },
];

describe.each(pages)("docs/$page can be followed:", ({ page, fixture, changed }) => {
  let cwd = "";
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), "slipway-docs-"));
    cpSync(join(import.meta.dirname, "fixtures", fixture), cwd, { recursive: true });
    const identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
    const git = (...args: string[]) => execFileSync("git", [...identity, ...args], { cwd, stdio: "ignore" });
    git("init", "-q", "-b", "main");
    git("add", "-A");
    git("commit", "-q", "-m", "start");
    git("switch", "-q", "-c", "branch");
    appendFileSync(join(cwd, changed), "\n");
    git("commit", "-q", "-a", "-m", "change");
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  test.each(commandsOf(page))("%s", async (line) => {
    const argv = line.split(/\s+/).slice(1);
    const env = {
      PATH: process.env["PATH"],
      HOME: cwd,
      SLIPWAY_CACHE_DIR: join(cwd, "cache"),
      BROWSER: "true",
    };
    const outside = testOutside({ cwd, env });
    const status = await dispatch(argv, outside).catch((error: unknown) => reportError(error, argv, outside));
    expect(status, outside.stderr()).toBe(0);
    expect(outside.stderr()).not.toContain("has no effect");
  });
});

/** What the page tells to type: lines of its shell blocks, and code in the last column of its table, without repeats. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(import.meta.dirname, "../../../docs", page), "utf8");
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n"));
  const cells = [...text.matchAll(/^\| .* \|([^|]*)\|$/gm)].map(([, cell = ""]) => cell);
  const spans = cells.flatMap((cell) =>
    [...cell.matchAll(/`(slipway [^`]*)`/g)].map(([, span = ""]) => span),
  );
  const typed = [...blocks, ...spans]
    .map((line) => line.replace(/\s+#\s.*$/, "").trim())
    .filter((line) => line.startsWith("slipway ") && !line.includes("--open"));
  return [...new Set(typed)];
}
