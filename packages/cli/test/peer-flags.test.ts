import { describe, expect, test } from "vitest";
import { run } from "../src/commands/run.ts";
import { inOwnWords, prefixOf } from "../src/flags/peers.ts";
import { parse } from "../src/parse.ts";
import type { RunContext } from "../src/journeys/run-context.ts";

function read(line: string) {
  const parsed = parse("run", run, { words: line.split(" "), env: {} });
  const values = parsed.options as RunContext["options"];
  return { ...parsed, own: inOwnWords(values, parsed.given), prefix: prefixOf(values) };
}

describe("what somebody types by habit means the same in our flags", () => {
  test.each([
    ["build --dry", { plan: true, json: false }],
    ["build --dry-run=json", { plan: true, json: true }],
    ["build --no-cache", { cache: "local:r,remote:r" }],
    ["build --summarize", { summary: true }],
    ["build --profile=out.json", { trace: "out.json" }],
    ["build --remote-only", { cache: "remote:rw" }],
    ["build --remote-cache-read-only", { cache: "local:rw,remote:r" }],
    ["-t build,test --parallel=5", { targets: ["build,test"], concurrency: "5" }],
    ["build --parallel 5", { concurrency: "5" }],
    ["build --parallel", { concurrency: undefined }],
    ["build --parallel=false", { concurrency: "1" }],
    ["build --maxParallel=2", { concurrency: "2" }],
    ["build --parallel=5 --concurrency 2", { concurrency: "2" }],
    ["build --skip-nx-cache", { force: true }],
    ["build --skipNxCache", { force: true }],
    ["build --disableNxCache", { force: true }],
    ["build --skipRemoteCache", { cache: "local:rw" }],
    ["build --excludeTaskDependencies", { only: true }],
    ["build --prod", { configuration: "production" }],
    ["build --prod -c staging", { configuration: "staging" }],
    ["build --uncommitted", { affected: true, base: "HEAD" }],
    ["build --nxBail", { continue: "never" }],
    ["build --nx-bail --continue", { continue: "always" }],
    ["build --no-bail", { continue: "always" }],
    ["build", { continue: "dependencies-successful", "log-order": "auto" }],
    ["build --output-style=stream", { "log-order": "stream" }],
    ["build --outputStyle static", { "log-order": "grouped" }],
    ["build --stream --log-order grouped", { "log-order": "grouped" }],
    ["build --aggregate-output", { "log-order": "grouped" }],
    ["build -r --if-present --workspace-concurrency=3", { concurrency: "3" }],
  ])("%s", (line, expected) => {
    expect(read(line).own).toMatchObject(expected);
  });

  test("prefixes are asked for and away in both languages", () => {
    expect(read("build").prefix).toBeNull();
    expect(read("build --log-prefix none").prefix).toBe(false);
    expect(read("build --log-prefix task").prefix).toBe(true);
    expect(read("build --output-style stream-without-prefixes").prefix).toBe(false);
  });

  test.each([
    "--daemon",
    "--no-daemon",
    "--all",
    "--batch",
    "--ui tui",
    "--no-update-notifier",
    "--tuiAutoExit 3",
  ])("%s has no effect, and that is said", (flag) => {
    expect(read(`build ${flag}`).notes).toEqual([expect.stringMatching(/^--\S+ has no effect: \S/)]);
  });

  test.each(["--graph=out.svg", "--global-deps=x", "--files=a.ts", "--framework-inference=false"])(
    "%s is answered with what to do instead",
    (flag) => {
      expect(() => read(`build ${flag}`)).toThrow("run does not take");
    },
  );
});
