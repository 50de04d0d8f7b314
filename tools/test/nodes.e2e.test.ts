import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onDemand } from "../on-demand.ts";

const command = join(import.meta.dirname, "../../packages/cli/bin/slipway.cjs");
const root = mkdtempSync(join(tmpdir(), "slipway-nodes-"));

beforeAll(() => {
  const files = {
    "package.json": '{ "private": true, "workspaces": ["*"] }',
    "ship/package.json": manifest("ship", { keel: "1.0.0" }),
    "keel/package.json": manifest("keel", {}),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test.for(["22", "24", "26"])("the bundled command does its work on Node %s", (line, { skip }) => {
  const node = nodeOf(line);
  if ("missing" in node) return skip(node.missing);
  const slipway = (...args: string[]) =>
    spawnSync(node.path, [command, ...args], { cwd: root, encoding: "utf8" });
  expect(spawnSync(node.path, ["--version"], { encoding: "utf8" }).stdout).toMatch(`v${line}.`);
  expect(slipway("--version")).toMatchObject({ status: 0, stderr: "" });
  const graph = slipway("graph", "--json");
  expect(graph.status, graph.stderr).toBe(0);
  expect(graph.stdout).toContain('"keel"');
  rmSync(join(root, "keel/out.txt"), { force: true });
  const built = slipway("run", "build", "--force");
  expect(built.status, built.stderr).toBe(0);
  expect(existsSync(join(root, "keel/out.txt"))).toBe(true);
});

function nodeOf(line: string): { readonly path: string } | { readonly missing: string } {
  if (line === "24") return { path: process.execPath };
  const found = onDemand("nodes");
  if ("missing" in found) return found;
  const path = join(found.folder, `node${line}-${process.platform}-${process.arch}/bin/node`);
  return existsSync(path) ? { path } : { missing: `tools/nodes has no Node ${line} for ${process.arch}` };
}

function manifest(name: string, needs: Readonly<Record<string, string>>): string {
  const scripts = { build: "node -p 1+1 > out.txt" };
  return JSON.stringify({ name, version: "1.0.0", scripts, dependencies: needs });
}
