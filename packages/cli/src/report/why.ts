import type { FingerprintDifference, TaskEnded, TaskExplanation } from "@slipway/run";
import { painter, type Paint } from "./paint.ts";
import { durationText } from "./text.ts";

type Explained = TaskExplanation & {
  readonly lastRun: Pick<TaskEnded, "status" | "cache" | "reason" | "durationMs"> | null;
};

interface Explanation {
  readonly against?:
    | { readonly kind: "run"; readonly id: string; readonly startedAt: number }
    | { readonly kind: "ref"; readonly ref: string; readonly commit: string };
  readonly tasks: readonly Explained[];
}

/** What a run would do with the first task, and below it the tasks that are the cause. */
export function explanationText({ against, tasks }: Explanation, color: boolean): string {
  const paint = painter(color);
  const compared = against && `compared with ${nameOf(against)}`;
  return tasks.map((task) => taskLines(task, paint, compared).join("\n")).join("\n\n");
}

function nameOf(against: NonNullable<Explanation["against"]>): string {
  if (against.kind === "ref") return `${against.ref} (${against.commit.slice(0, 10)})`;
  return `run ${against.id} of ${new Date(against.startedAt).toISOString()}`;
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
  compared: string | undefined,
): string[] {
  return [
    `${paint("bold", id)} ${compared ?? verdicts[would]}: ${reason}`,
    ...(compared === undefined ? [] : [`  a run now: it ${verdicts[would]}`]),
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
  if (value.startsWith("hmac-sha256:")) return `(a secret, ${value.slice(12, 20)})`;
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
