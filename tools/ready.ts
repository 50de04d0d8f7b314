/**
 * Everything that must hold before a change goes out: `npm run ready`. Runs all checks even when one fails, shows what
 * they found at the end, and closes with `N passed, N failed`, in which each check counts as one.
 */
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

interface Check {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
}

const CHECKS: readonly Check[] = [
  { name: "format", argv: ["node_modules/.bin/oxfmt", "--check", "."] },
  { name: "types", argv: ["node_modules/.bin/tsc", "-b", "tsconfig.json"] },
  { name: "lint", argv: ["node_modules/.bin/oxlint", "--type-aware", "--deny-warnings"] },
  { name: "tidy", argv: [process.execPath, "--conditions=source", "tools/tidy.ts"] },
  { name: "unused code", argv: ["node_modules/.bin/knip", "--no-progress"] },
];

const TESTS: Check = { name: "tests", argv: [process.execPath, "--conditions=source", "tools/test.ts"] };

interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
}

// What an earlier compiler wrote may hide what this one would find.
for (const stale of globSync("packages/*/tsconfig.tsbuildinfo", { cwd: root })) await rm(join(root, stale));

const outcomes: Outcome[] = [];
for (const check of CHECKS) {
  const outcome = await carriedOut(check, false);
  console.log(`${outcome.passed ? "ok    " : "FAILED"} ${check.name}`);
  outcomes.push(outcome);
}
const tests = await carriedOut(TESTS, true);

const failed = outcomes.filter((one) => !one.passed);
for (const { name, output } of failed) console.log(`\n--- ${name}\n${output.trimEnd()}`);
const [, testsPassed = "0", testsFailed = "1"] = /(\d+) passed, (\d+) failed\s*$/.exec(tests.output) ?? [];
// Tests that end in failure without counting one have still failed.
const failedCount = failed.length + Math.max(Number(testsFailed), tests.passed ? 0 : 1);
console.log(`\n${Number(testsPassed) + outcomes.length - failed.length} passed, ${failedCount} failed`);
process.exitCode = failedCount === 0 ? 0 : 1;

function carriedOut({ name, argv: [file, ...rest] }: Check, aloud: boolean): Promise<Outcome> {
  const child = spawn(file, rest, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (aloud) process.stdout.write(text);
    });
  }
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ name, passed: false, output: error.message }));
    child.on("close", (status) => resolve({ name, passed: status === 0, output }));
  });
}
