import type { TaskId } from "@slipway/kernel";
import type { TaskEnded } from "@slipway/run";
import { painter } from "../paint.ts";
import type { Terminal } from "../../terminal.ts";
import { cut } from "../live-block.ts";
import { columns, durationText, plural, wrapped } from "../text.ts";
import type { RecordedEvent } from "./recorded-run.ts";

const LISTED_MAX = 10;
/** Between columns. */
const GAP = 2;
const NAME_CHARACTERS_MIN = 10;

/** What took long, what missed and why, and the chain of tasks that decided how long all of it took. */
export function runSummary(
  events: readonly RecordedEvent[],
  needs: ReadonlyMap<TaskId, readonly TaskId[]>,
  terminal: Pick<Terminal, "color" | "width">,
): string {
  const paint = painter(terminal.color);
  const rows = (tasks: readonly TaskEnded[]): string[] => timed(tasks, terminal.width());
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
  const lines = sections
    .filter((text) => text !== "")
    .join("\n\n")
    .split("\n");
  return lines.flatMap((line) => wrapped(line, terminal.width())).join("\n");
}

const INDENT = "  ";

/** The time is what the line is for: where both do not fit, the name is cut. */
function timed(tasks: readonly TaskEnded[], width: number | null): string[] {
  const times = tasks.map(({ durationMs }) => durationText(durationMs));
  const rest = INDENT.length + GAP + 1 + Math.max(0, ...times.map((time) => time.length));
  const room = width === null ? Infinity : Math.max(NAME_CHARACTERS_MIN, width - rest);
  return columns(
    tasks.map(({ id }, at) => [cut(id, room), times[at] ?? ""]),
    GAP,
  );
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
  return lines.length === 0 ? "" : [title, ...lines.map((line) => `${INDENT}${line}`)].join("\n");
}
