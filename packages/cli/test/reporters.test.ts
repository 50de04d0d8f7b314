import { UserError } from "@slipway/kernel";
import type { RunEvent, TaskEnded } from "@slipway/run";
import { describe, expect, test } from "vitest";
import { liveReporter } from "../src/report/run/live-reporter.ts";
import { plainReporter } from "../src/report/run/plain-reporter.ts";
import type { ReporterOptions } from "../src/report/run/reporter.ts";
import { reportError } from "../src/report-error.ts";
import { terminalOf } from "../src/terminal.ts";
import { testOutside } from "./outside.ts";
import { screen } from "./screen.ts";

type Tasks = ReporterOptions["tasks"];

/** As much of a planned task as reporters look at. */
function planned(id: string, more: Partial<Tasks[number]> = {}): Tasks[number] {
  return { id, command: "true", outputLogs: "full", persistent: false, ...more } as Tasks[number];
}

function ended(id: `${string}#${string}`, more: Partial<TaskEnded> = {}): TaskEnded {
  const [name = "", task = ""] = id.split("#");
  return { type: "task", id, package: name, task, status: "ok", cache: "miss", durationMs: 1200, ...more };
}

function wrote(id: `${string}#${string}`, text: string, replayed = false): RunEvent {
  return { type: "output", id, stream: "stdout", text, replayed };
}

const events: readonly RunEvent[] = [
  { type: "started", tasks: 4, packages: 3, concurrency: 2 },
  {
    type: "start",
    id: "a#build",
    package: "a",
    task: "build",
    command: "true",
    cache: "miss",
    reason: "first run",
  },
  wrote("b#build", "replayed\n", true),
  ended("b#build", { cache: "hit", from: "work-tree" }),
  wrote("a#build", "one\ntw"),
  wrote("a#build", "o\n"),
  ended("a#build", { reason: "src/a.ts changed" }),
  wrote("c#build", "boom\n"),
  {
    type: "notice",
    code: "cache/damaged",
    id: "c#build",
    message: "an entry was damaged",
    hint: "nothing to do",
  },
  ended("c#build", { status: "failed", reason: "exit code 1", exitCode: 1 }),
  ended("c#test", { status: "skipped", cache: "off", reason: "c#build failed", durationMs: 0 }),
  {
    type: "finished",
    tasks: 4,
    hits: 1,
    misses: 2,
    failed: 1,
    skipped: 1,
    exit: 1,
    durationMs: 2500,
    savedMs: 3000,
  },
];

const tasks = ["a#build", "b#build", "c#build", "c#test"].map((id) => planned(id));

function shown(given: Partial<ReporterOptions> = {}, env: Record<string, string> = {}) {
  const streams = { stdin: {}, stdout: {}, stderr: { write: () => true } };
  const outside = testOutside({ terminal: terminalOf(streams, { NO_COLOR: "1", ...env }) });
  const reporter = plainReporter({
    outside,
    tasks,
    outputLogs: null,
    logOrder: "auto",
    prefix: null,
    now: () => 0,
    ...given,
  });
  for (const event of events) reporter.event(event);
  reporter.end();
  return { stdout: outside.stdout(), stderr: outside.stderr() };
}

describe("on a pipe", () => {
  test("each task's end is a line with its output below; the story goes to stderr", () => {
    const { stdout, stderr } = shown();
    expect(stdout).toBe(
      [
        "✓ b#build unchanged",
        "replayed",
        "✓ a#build 1.2 s (src/a.ts changed)",
        "one",
        "two",
        "✗ c#build exit code 1 after 1.2 s",
        "boom",
        "- c#test skipped: c#build failed",
        "",
      ].join("\n"),
    );
    expect(stderr).toBe(
      [
        "notice[cache/damaged]: c#build: an entry was damaged",
        "  hint: nothing to do",
        "failed: c#build: exit code 1",
        "4 tasks: 2 ok (1 from the cache), 1 failed, 1 skipped; 2.5 s, 3.0 s saved",
        "",
      ].join("\n"),
    );
  });

  test("in stream order every line stands behind its task as it comes", () => {
    expect(shown({ logOrder: "stream" }).stdout).toContain("a#build: one\na#build: two\n✓ a#build 1.2 s");
  });

  test.each([
    ["hash-only", [false, false, false, 4]],
    ["new-only", [false, true, true, 4]],
    ["errors-only", [false, false, true, 4]],
    ["none", [false, false, false, 2]],
  ] as const)("output logs %s", (outputLogs, [replayed, ok, failed, lines]) => {
    const { stdout } = shown({ outputLogs });
    expect(stdout.includes("replayed")).toBe(replayed);
    expect(stdout.includes("one\ntwo")).toBe(ok);
    expect(stdout.includes("boom")).toBe(failed);
    expect(stdout.split("\n").filter((line) => /^[✓✗-]/.test(line))).toHaveLength(lines);
  });

  test("one task alone streams without a prefix", () => {
    const alone = [
      planned("a#build"),
      planned("b#build", { command: null }),
      planned("c#build", { command: null }),
    ];
    expect(shown({ tasks: alone }).stdout).toContain("one\ntwo\n✓ a#build");
  });

  test("a task that writes without end is shown while it writes", () => {
    const outside = testOutside();
    const reporter = plainReporter({
      outside,
      tasks,
      outputLogs: null,
      logOrder: "auto",
      prefix: null,
      now: () => 0,
    });
    for (let at = 0; at < 30; at++) reporter.event(wrote("a#build", `${"x".repeat(50_000)}\n`));
    expect(outside.stdout()).toMatch(/^a#build: xxx/);
    expect(outside.stdout().length).toBeGreaterThan(1_400_000);
  });
});

test("on GitHub logs fold, failures stay open and are annotated", () => {
  const { stdout } = shown({}, { GITHUB_ACTIONS: "true" });
  expect(stdout).toContain("::group::✓ a#build 1.2 s (src/a.ts changed)\none\ntwo\n::endgroup::\n");
  expect(stdout).toContain("✗ c#build exit code 1 after 1.2 s\nboom\n::error title=c#build::exit code 1\n");
});

test("on GitHub a failed task that runs alone is annotated, too", () => {
  const alone = [planned("a#build", { command: null }), planned("c#build")];
  const { stdout } = shown({ tasks: alone }, { GITHUB_ACTIONS: "true" });
  expect(stdout).toContain("boom\n✗ c#build exit code 1 after 1.2 s\n::error title=c#build::exit code 1\n");
});

test("on GitHub a notice is a warning of the job, and what a user got wrong stands beside the file", () => {
  const outside = testOutside({
    env: { GITHUB_ACTIONS: "true" },
    terminal: terminalOf(
      { stdin: {}, stdout: {}, stderr: { write: () => true } },
      { GITHUB_ACTIONS: "true", NO_COLOR: "1" },
    ),
  });
  const reporter = plainReporter({
    outside,
    tasks,
    outputLogs: null,
    logOrder: "auto",
    prefix: null,
    now: () => 0,
  });
  reporter.event({
    type: "notice",
    code: "outputs/none",
    id: "a#build",
    message: "it made nothing,\n100% sure",
  });
  expect(outside.stderr()).toContain(
    "::warning title=a#build outputs/none::it made nothing,%0A100%25 sure\n",
  );
  const problem = {
    code: "config/malformed" as const,
    message: "a comma is missing",
    file: "turbo.json",
    line: 3,
    column: 5,
  };
  expect(reportError(UserError.of([problem]), [], outside)).toBe(2);
  expect(outside.stderr()).toContain(
    "::error file=turbo.json,line=3,col=5,title=config/malformed::a comma is missing\n",
  );
});

test("on a terminal a block shows what runs, and nothing of it is left at the end", () => {
  const window = screen(60, 20);
  const streams = { stdin: {}, stdout: {}, stderr: { write: window.draw } };
  const say = (text: string): void => window.draw(`${text}\n`);
  const terminal = { ...terminalOf(streams, { NO_COLOR: "1" }), size: window.size };
  const outside = testOutside({ terminal, say, answer: say });
  const reporter = liveReporter({
    outside,
    tasks,
    outputLogs: "errors-only",
    logOrder: "auto",
    prefix: null,
    now: () => 0,
  });
  for (const event of events.slice(0, 3)) reporter.event(event);
  reporter.frame();
  expect(window.lines()).toEqual(["0/4 done · 0 from the cache · 0 ms", "  ▸ a#build 0 ms"]);
  for (const event of events.slice(3)) reporter.event(event);
  reporter.end();
  expect(window.lines()).toEqual([
    "✓ b#build unchanged",
    "✓ a#build 1.2 s (src/a.ts changed)",
    "notice[cache/damaged]: c#build: an entry was damaged",
    "  hint: nothing to do",
    "✗ c#build exit code 1 after 1.2 s",
    "boom",
    "- c#test skipped: c#build failed",
    "failed: c#build: exit code 1",
    "4 tasks: 2 ok (1 from the cache), 1 failed, 1 skipped; 2.5 s, 3.0 s saved",
  ]);
});
