import type { RunFinished, RunNotice, RunStopping, TaskEnded } from "@slipway/run";
import type { Paint } from "../paint.ts";
import { durationText, inOneLine, plural } from "../text.ts";

/** How a task ended, in one line. */
export function endLine(task: TaskEnded, paint: Paint): string {
  const { id, status, cache, reason, durationMs } = task;
  switch (status) {
    case "failed":
      return `${paint("red", "✗")} ${paint("bold", id)} ${paint("red", failureText(task))} after ${durationText(durationMs)}`;
    case "skipped":
      return paint("dim", `- ${id} skipped${reason === undefined ? "" : `: ${reason}`}`);
    case "ok": {
      const took = cache === "hit" ? cachedText(task) : durationText(durationMs);
      const why = cache !== "hit" && reason !== undefined ? paint("dim", ` (${inOneLine(reason)})`) : "";
      return `${paint("green", "✓")} ${paint("bold", id)} ${took}${why}`;
    }
  }
}

function failureText({ code, reason = "failed" }: TaskEnded): string {
  return code === undefined ? reason : `error[${code}]: ${reason}`;
}

function cachedText({ from }: TaskEnded): string {
  if (from === "remote") return "from the shared cache";
  return from === "store" ? "restored from the cache" : "unchanged";
}

/** Said at once when a run is asked to end: some tasks take their time. */
export function stoppingLine({ running }: RunStopping, paint: Paint): string {
  const [first, ...rest] = running;
  const what =
    first === undefined
      ? ""
      : `: ${first}${rest.length > 0 ? ` and ${rest.length} more` : ""} asked to end; once more kills`;
  return paint("yellow", `stopping${what}`);
}

export function noticeLine({ code, id, message, hint }: RunNotice, paint: Paint): string {
  const about = id === undefined ? "" : `${id}: `;
  const below = hint === undefined ? "" : `\n  hint: ${hint}`;
  return `${paint("yellow", `notice[${code}]:`)} ${about}${inOneLine(message)}${below}`;
}

/** What stays on the terminal at the end: how many, how long, and what failed. */
export function summaryLines(finished: RunFinished, failures: readonly TaskEnded[], paint: Paint): string[] {
  const { tasks, hits, failed, skipped, durationMs, savedMs, exit } = finished;
  const ok = tasks - failed - skipped;
  const counts = [
    `${ok} ok${hits > 0 ? ` (${hits} from the cache)` : ""}`,
    ...(failed > 0 ? [paint("red", `${failed} failed`)] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const saved = savedMs >= 1000 ? `, ${durationText(savedMs)} saved` : "";
  const end = exit === 130 ? paint("yellow", "interrupted: ") : "";
  // What Ctrl-C ended did not fail by itself.
  const own = failures.filter((task) => exit !== 130 || task.signal === undefined);
  return [
    ...own.flatMap((task) => [
      `${paint("red", "failed:")} ${task.id}: ${failureText(task)}`,
      ...(task.hint === undefined ? [] : [`  hint: ${task.hint}`]),
    ]),
    tasks === 0
      ? "nothing to run"
      : `${end}${plural(tasks, "task")}: ${counts.join(", ")}; ${durationText(durationMs)}${saved}`,
  ];
}
