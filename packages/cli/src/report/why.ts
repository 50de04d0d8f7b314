import type { FingerprintDifference, TaskEnded, TaskExplanation } from "@slipway/run";
import { painter, type Paint } from "./paint.ts";
import { durationText } from "./text.ts";

type Explained = TaskExplanation & {
  readonly lastRun: Pick<TaskEnded, "status" | "cache" | "reason" | "durationMs"> | null;
};

/** What a run would do with the first task, and below it the tasks that are the cause. */
export function explanationText(tasks: readonly Explained[], color: boolean): string {
  const paint = painter(color);
  return tasks.map((task) => taskLines(task, paint).join("\n")).join("\n\n");
}

const verdicts = {
  "in-place": "is up to date",
  stored: "would come from the cache",
  run: "would run",
  off: "always runs",
} as const satisfies Record<TaskExplanation["would"], string>;

function taskLines(
  { id, would, reason, differences, lastRun, fingerprint }: Explained,
  paint: Paint,
): string[] {
  return [
    `${paint("bold", id)} ${verdicts[would]}: ${reason}`,
    ...differences.map((difference) => `  ${differenceText(difference, paint)}`),
    ...(lastRun ? [`  in the last run: ${lastRunText(lastRun)}`] : []),
    paint("dim", `  fingerprint ${fingerprint.slice(0, 16)}`),
  ];
}

/** Digests are told by their beginnings; what is short is shown as it is. */
function differenceText({ at, before, after }: FingerprintDifference, paint: Paint): string {
  const name = at.join(" ");
  if (before === null) return `${name}: ${paint("green", "new")} ${short(after)}`;
  if (after === null) return `${name}: ${paint("red", "gone")} ${short(before)}`;
  return `${name}: ${short(before)} -> ${short(after)}`;
}

const VALUE_CHARACTERS_MAX = 60;

function short(value: string | null): string {
  if (value === null) return "";
  if (/^(sha256:)?[0-9a-f]{64}(:x)?$/.test(value))
    return value.replace(/[0-9a-f]{64}/, (digest) => digest.slice(0, 12));
  return value.length > VALUE_CHARACTERS_MAX ? `${value.slice(0, VALUE_CHARACTERS_MAX - 1)}…` : value;
}

function lastRunText({ status, cache, reason, durationMs }: NonNullable<Explained["lastRun"]>): string {
  const why = reason === undefined ? "" : ` (${reason})`;
  if (status === "skipped") return `skipped${why}`;
  if (cache === "hit") return "from the cache";
  return `${status === "ok" ? "ran" : "failed"} in ${durationText(durationMs)}${why}`;
}
