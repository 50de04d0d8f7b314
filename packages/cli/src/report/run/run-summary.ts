import type { TaskId } from "@slipway/kernel";
import type { TaskEnded } from "@slipway/run";
import { painter } from "../paint.ts";
import { columns, durationText, plural } from "../text.ts";
import type { RecordedEvent } from "./recorded-run.ts";

const LISTED_MAX = 10;

/** What took long, what missed and why, and the chain of tasks that decided how long all of it took. */
export function runSummary(
  events: readonly RecordedEvent[],
  needs: ReadonlyMap<TaskId, readonly TaskId[]>,
  color: boolean,
): string {
  const paint = painter(color);
  const ended = events.flatMap(({ event }) => (event.type === "task" ? [event] : []));
  const ran = ended.filter(({ cache, status }) => cache !== "hit" && status !== "skipped");
  const slowest = ran.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, LISTED_MAX);
  const missed = ran.filter(({ cache }) => cache === "miss");
  const chain = criticalChain(ended, needs);
  const chainMs = chain.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const sections = [
    section(paint("bold", "Slowest"), rows(slowest)),
    section(paint("bold", `Missed the cache (${missed.length})`), missLines(missed)),
    chain.length < 2 ? "" : section(paint("bold", `Longest chain, ${durationText(chainMs)}`), rows(chain)),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function rows(tasks: readonly TaskEnded[]): string[] {
  return columns(tasks.map(({ id, durationMs }) => [id, durationText(durationMs)]));
}

/** The same reason about many tasks is one line that counts them. */
function missLines(missed: readonly TaskEnded[]): string[] {
  const about = new Map<string, TaskId[]>();
  for (const { id, reason = "not known" } of missed) about.set(reason, [...(about.get(reason) ?? []), id]);
  const lines = [...about].map(([reason, ids]) => {
    const [first = "", ...others] = ids;
    return `${others.length === 0 ? first : `${first} and ${plural(others.length, "other")}`}: ${reason}`;
  });
  const more = lines.length - LISTED_MAX;
  return more > 0 ? [...lines.slice(0, LISTED_MAX), `and ${plural(more, "more reason")}`] : lines;
}

/** The tasks that waited for each other the longest: only making one of them faster makes the whole faster. */
function criticalChain(
  ended: readonly TaskEnded[],
  needs: ReadonlyMap<TaskId, readonly TaskId[]>,
): TaskEnded[] {
  const best = new Map<TaskId, { readonly totalMs: number; readonly before: TaskId | null }>();
  const byId = new Map(ended.map((task) => [task.id, task]));
  // Tasks end after what they need, so what a task builds on is known when its turn comes.
  for (const { id, durationMs } of ended) {
    let before: TaskId | null = null;
    let longestMs = 0;
    for (const need of needs.get(id) ?? []) {
      const totalMs = best.get(need)?.totalMs ?? 0;
      if (totalMs > longestMs) [longestMs, before] = [totalMs, need];
    }
    best.set(id, { totalMs: longestMs + durationMs, before });
  }
  const [last] = [...best].toSorted(([, a], [, b]) => b.totalMs - a.totalMs);
  const chain: TaskEnded[] = [];
  for (let id = last?.[0] ?? null; id !== null; id = best.get(id)?.before ?? null) {
    const task = byId.get(id);
    if (task) chain.unshift(task);
  }
  return chain.filter(({ durationMs }) => durationMs > 0);
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [title, ...lines.map((line) => `  ${line}`)].join("\n");
}
