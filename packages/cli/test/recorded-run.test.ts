import type { TaskId } from "@slipway/kernel";
import type { RunEvent, TaskEnded } from "@slipway/run";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recorder, type RecordedRun } from "../src/report/run/recorded-run.ts";
import { runSummary } from "../src/report/run/run-summary.ts";
import { chromeTrace } from "../src/report/run/trace.ts";
import { RunHistory } from "../src/wire/run-history.ts";

function ended(id: TaskId, durationMs: number, more: Partial<TaskEnded> = {}): TaskEnded {
  const [name = "", task = ""] = id.split("#");
  return { type: "task", id, package: name, task, status: "ok", cache: "miss", durationMs, ...more };
}

function started(id: TaskId): RunEvent {
  return { type: "start", id, package: "p", task: "t", command: "true", cache: "miss", reason: "" };
}

function wrote(id: TaskId, text: string): RunEvent {
  return { type: "output", id, stream: "stdout", text, replayed: false };
}

/** Each event with its time. */
function recorded(events: readonly (readonly [number, RunEvent])[]) {
  let now = 0;
  const record = recorder(() => now);
  for (const [atMs, event] of events) {
    now = atMs;
    record.event(event);
  }
  return record.recorded();
}

describe("a recorded run", () => {
  test("keeps the output of what failed, and of a long one its end", () => {
    const events = recorded([
      [1, wrote("a#build", "fine")],
      [2, wrote("b#build", "x".repeat(150_000))],
      [3, wrote("b#build", "y".repeat(150_000))],
      [4, ended("a#build", 3)],
      [5, ended("b#build", 3, { status: "failed" })],
    ]);
    expect(events.map(({ event, atMs }) => [event.type, "id" in event ? event.id : "", atMs])).toEqual([
      ["task", "a#build", 4],
      ["output", "b#build", 3],
      ["task", "b#build", 5],
    ]);
  });

  test("is drawn with one row for each place that tasks ran in", () => {
    const { traceEvents } = chromeTrace(
      recorded([
        [0, started("a#build")],
        [0, started("b#build")],
        [10, ended("a#build", 10)],
        [10, started("c#build")],
        [20, ended("b#build", 20)],
        [30, ended("c#build", 20, { status: "failed", reason: "exit code 1" })],
        [30, ended("d#build", 0, { status: "skipped" })],
      ]),
    );
    const bars = traceEvents.filter(({ ph }) => ph === "X");
    expect(bars.map(({ name, ts, dur, tid }) => [name, ts, dur, tid])).toEqual([
      ["a#build", 0, 10_000, 0],
      ["b#build", 0, 20_000, 1],
      ["c#build", 10_000, 20_000, 0],
    ]);
    expect(bars[2]?.args).toMatchObject({ status: "failed", reason: "exit code 1" });
  });

  test("is summed up: what was slow, what missed and why, and the chain that decided the time", () => {
    const events = recorded([
      [1, ended("a#build", 500, { reason: "a.ts changed" })],
      [2, ended("z#lint", 700, { reason: "first run" })],
      [3, ended("b#build", 400, { reason: "a#build changed" })],
      [4, ended("c#build", 10, { reason: "a#build changed" })],
      [5, ended("d#build", 0, { cache: "hit", durationMs: 0 })],
    ]);
    const needs = new Map<TaskId, TaskId[]>([
      ["b#build", ["a#build"]],
      ["c#build", ["a#build"]],
      ["d#build", ["b#build"]],
    ]);
    expect(runSummary(events, needs, { color: false, width: () => null })).toBe(
      [
        "Slowest",
        "  z#lint   700 ms",
        "  a#build  500 ms",
        "  b#build  400 ms",
        "  c#build  10 ms",
        "",
        "Missed the cache (4)",
        "  a#build: a.ts changed",
        "  z#lint: first run",
        "  b#build and 1 other: a#build changed",
        "",
        "Longest chain, 900 ms",
        "  a#build  500 ms",
        "  b#build  400 ms",
      ].join("\n"),
    );
  });
});

test("the last runs of a work tree are kept, within bounds; one that was cut off does not count", () => {
  const state = mkdtempSync(join(tmpdir(), "slipway-history-"));
  const run = (startedAt: number): RecordedRun => ({
    schema: 1,
    startedAt,
    words: ["build"],
    needs: {},
    events: [],
  });
  const history = new RunHistory(state);
  const keep = (at: number): void => history.keep(history.newId(at), run(at), new Map());
  expect(history.last()).toBeNull();
  for (let at = 1000; at <= 30_000; at += 1000) keep(at);
  expect(history.last()?.startedAt).toBe(30_000);
  expect(readdirSync(join(state, "runs"))).toHaveLength(20);
  writeFileSync(history.pathOf(history.newId(31_000)), '{"schema":1,"sta');
  expect(history.last()?.startedAt).toBe(30_000);
  rmSync(join(state, "runs"), { recursive: true });
  writeFileSync(join(state, "runs"), "a file in the way");
  expect(() => keep(1)).not.toThrow();
  rmSync(state, { recursive: true });
});

test("on a narrow terminal names are cut so that times stay in their line, and reasons are broken between words", () => {
  const long: TaskId = "a-package-with-a-long-name#a-task-with-a-long-name";
  const events = recorded([[1, ended(long, 500, { reason: "packages/one/two/three.ts changed" })]]);
  const lines = runSummary(events, new Map(), { color: false, width: () => 40 }).split("\n");
  expect(lines).toEqual([
    "Slowest",
    "  a-package-with-a-long-name#a…  500 ms",
    "",
    "Missed the cache (1)",
    "  a-package-with-a-long-name#a-task-with-a-long-name:",
    "    packages/one/two/three.ts changed",
  ]);
});
