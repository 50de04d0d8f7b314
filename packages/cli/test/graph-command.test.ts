import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { testOutside } from "./outside.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "slipway-graph-test-"));
  cpSync(join(import.meta.dirname, "fixtures/two-packages"), cwd, { recursive: true });
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function slipway(line: string, env: Record<string, string> = {}) {
  const outside = testOutside({ cwd, env: { PATH: process.env["PATH"], HOME: cwd, ...env } });
  const status = await dispatch(line.split(" "), outside);
  return { status, stdout: outside.stdout(), stderr: outside.stderr() };
}

test("packages and tasks are text, or DOT for Graphviz", async () => {
  expect((await slipway("graph")).stdout).toBe(
    "root  (the root)\ncore  packages/core\nweb  packages/web\n  needs core\n",
  );
  const { stdout } = await slipway("graph build --dot");
  expect(stdout).toContain('"web#build" -> "core#build";');
  expect((await slipway("graph --filter core")).stdout).toBe("core  packages/core\n");
});

test("two forms at once are refused, and a page may be written and opened", async () => {
  for (const words of ["--dot --open", "--json --dot", "--json --html x.html"]) {
    await expect(slipway(`graph ${words}`)).rejects.toMatchObject({
      code: "cli/bad-argument",
      message: expect.stringContaining("different forms of the graph") as string,
    });
  }
  const both = await slipway("graph --open --html x.html", { BROWSER: "/not/there" });
  expect([both.status, both.stdout]).toEqual([0, `${join(cwd, "x.html")}\n`]);
});

test("the page is one file with the graphs in it; without git nothing is marked, and that is said", async () => {
  const { stdout, stderr } = await slipway("graph build --html out/graph.html");
  const path = join(cwd, "out/graph.html");
  expect(stdout).toBe(`${path}\n`);
  expect(stderr).toContain("nothing is marked as affected");
  const page = readFileSync(path, "utf8");
  expect(page).toContain('"id":"web#build"');
  expect(page).not.toMatch(/\/\*(STYLE|DATA|SCRIPT)\*\//);
  expect(page).not.toMatch(/^(import|export) /m);
});

test("--open shows the page in the browser that the environment names, or says that there is none", async () => {
  const browser = join(cwd, "browser");
  const seen = join(cwd, "seen");
  writeFileSync(browser, `#!/bin/sh\necho "$1" > "${seen}.part" && mv "${seen}.part" "${seen}"\n`, {
    mode: 0o755,
  });
  const { stdout } = await slipway("graph --open", { BROWSER: browser });
  await expect.poll(() => readFileSync(seen, "utf8")).toBe(stdout);
  rmSync(join(stdout.trim(), ".."), { recursive: true });
  const none = await slipway("graph --open", { BROWSER: "/not/there" });
  expect(none.stderr).toContain("open the file yourself");
  rmSync(join(none.stdout.trim(), ".."), { recursive: true });
});
